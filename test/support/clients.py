"""Two clients of Python, the official SDK's and FastMCP's: what each sees of the endpoint that is given, as one line of JSON.

In place of a URL a command may be given, which both start and speak to over stdio.
"""

import asyncio
import json
import os
import sys

from fastmcp import Client
from fastmcp.client.transports import StdioTransport
from mcp import ClientSession, StdioServerParameters, types
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client


async def elicited(context, params):
    return types.ElicitResult(action="accept", content={"username": "ada", "email": "ada@example.com"})


async def sampled(context, params):
    return types.CreateMessageResult(
        role="assistant", content=types.TextContent(type="text", text="Paris"), model="m"
    )


async def official(connected) -> dict:
    async with connected as streams:
        async with ClientSession(
            streams[0], streams[1], elicitation_callback=elicited, sampling_callback=sampled
        ) as session:
            started = await session.initialize()
            tools = await session.list_tools()
            text = await session.call_tool("test_simple_text", {})
            failed = await session.call_tool("test_error_handling", {})
            read = await session.read_resource("test://static-text")
            prompt = await session.get_prompt("test_prompt_with_arguments", {"arg1": "a", "arg2": "b"})
            person = await session.call_tool("test_elicitation", {"message": "Who?"})
            model = await session.call_tool("test_sampling", {"prompt": "Of France?"})
            region = await session.call_tool("test_custom_header", {"region": "eu"})
            return {
                "protocol": started.protocolVersion,
                "tools": sorted(tool.name for tool in tools.tools),
                "text": text.content[0].text,
                "failed": failed.isError,
                "read": read.contents[0].text,
                "prompt": prompt.messages[0].content.text,
                "person": person.content[0].text,
                "model": model.content[0].text,
                "region": region.content[0].text,
            }


async def fastmcp(to) -> dict:
    heard = []

    async def on_progress(progress, total, message):
        heard.append(progress)

    async def on_question(message, response_type, params, context):
        return {"username": "ada", "email": "ada@example.com"}

    async def on_sample(messages, params, context):
        return "Paris"

    async with Client(to, elicitation_handler=on_question, sampling_handler=on_sample) as client:
        tools = await client.list_tools()
        text = await client.call_tool("test_simple_text", {})
        failed = await client.call_tool("test_error_handling", {}, raise_on_error=False)
        await client.call_tool("test_tool_with_progress", {}, progress_handler=on_progress)
        read = await client.read_resource("test://static-text")
        prompt = await client.get_prompt("test_prompt_with_arguments", {"arg1": "a", "arg2": "b"})
        person = await client.call_tool("test_elicitation", {"message": "Who?"})
        model = await client.call_tool("test_sampling", {"prompt": "Of France?"})
        region = await client.call_tool("test_custom_header", {"region": "eu"})
        return {
            "tools": sorted(tool.name for tool in tools),
            "text": text.content[0].text,
            "failed": failed.is_error,
            "progress": heard,
            "read": read[0].text,
            "prompt": prompt.messages[0].content.text,
            "person": person.content[0].text,
            "model": model.content[0].text,
            "region": region.content[0].text,
        }


async def main(first: str, *rest: str) -> None:
    if rest:
        env = dict(os.environ)
        command = StdioServerParameters(command=first, args=list(rest), env=env)
        seen = await official(stdio_client(command))
        other = await fastmcp(StdioTransport(command=first, args=list(rest), env=env))
    else:
        seen = await official(streamable_http_client(first))
        other = await fastmcp(first)
    print(json.dumps({"official": seen, "fastmcp": other}))


asyncio.run(main(*sys.argv[1:]))
