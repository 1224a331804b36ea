"""Two clients of Python, the official SDK's and FastMCP's: what each sees of the endpoint that is given, as one line of JSON.

In place of a URL a command may be given, which the official one starts and speaks to over stdio.
"""

import asyncio
import json
import os
import sys

from fastmcp import Client
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client


async def official(connected) -> dict:
    async with connected as streams:
        async with ClientSession(streams[0], streams[1]) as session:
            started = await session.initialize()
            tools = await session.list_tools()
            text = await session.call_tool("test_simple_text", {})
            failed = await session.call_tool("test_error_handling", {})
            read = await session.read_resource("test://static-text")
            prompt = await session.get_prompt("test_prompt_with_arguments", {"arg1": "a", "arg2": "b"})
            return {
                "protocol": started.protocolVersion,
                "tools": sorted(tool.name for tool in tools.tools),
                "text": text.content[0].text,
                "failed": failed.isError,
                "read": read.contents[0].text,
                "prompt": prompt.messages[0].content.text,
            }


async def fastmcp(url: str) -> dict:
    heard = []

    async def on_progress(progress, total, message):
        heard.append(progress)

    async with Client(url) as client:
        tools = await client.list_tools()
        text = await client.call_tool("test_simple_text", {})
        failed = await client.call_tool("test_error_handling", {}, raise_on_error=False)
        await client.call_tool("test_tool_with_progress", {}, progress_handler=on_progress)
        read = await client.read_resource("test://static-text")
        prompt = await client.get_prompt("test_prompt_with_arguments", {"arg1": "a", "arg2": "b"})
        return {
            "tools": sorted(tool.name for tool in tools),
            "text": text.content[0].text,
            "failed": failed.is_error,
            "progress": heard,
            "read": read[0].text,
            "prompt": prompt.messages[0].content.text,
        }


async def main(first: str, *rest: str) -> None:
    if rest:
        command = StdioServerParameters(command=first, args=list(rest), env=dict(os.environ))
        print(json.dumps({"official": await official(stdio_client(command))}))
        return
    seen = await official(streamable_http_client(first))
    print(json.dumps({"official": seen, "fastmcp": await fastmcp(first)}))


asyncio.run(main(*sys.argv[1:]))
