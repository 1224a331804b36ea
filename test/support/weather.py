"""A server as its author wrote it: FastMCP, and nothing of the mesh."""
from fastmcp import FastMCP

mcp = FastMCP("weather")


@mcp.tool
def forecast(city: str, days: int = 1) -> dict:
    """The weather of the next days."""
    return {"city": city, "days": [{"day": day, "celsius": 20 + day} for day in range(days)]}


@mcp.tool
def storm(city: str) -> str:
    """Always fails."""
    raise ValueError(f"no storms in {city}")


mcp.run(show_banner=False)
