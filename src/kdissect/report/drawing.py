"""Charts as Vega-Lite, made with Altair; colors and fonts are given by the page."""

from functools import cache
from typing import Any

import altair as alt
import vl_convert

from kdissect.report.block import Chart


def specification(chart: Chart, series: tuple[str, ...]) -> dict[str, Any]:
    """The Vega-Lite specification of a chart.

    Args:
        chart: what is to be drawn.
        series: the names of its series in their order, so that each has one color in all charts.
    """
    draw = {
        "intervals": _intervals,
        "lines": _lines,
        "steps": _steps,
        "places": _places,
        "heat": _heat,
        "runs": _runs,
        "scatter": _scatter,
        "histogram": _histogram,
    }[chart.kind]
    drawn = draw(chart, series).properties(width="container", height=chart.height)
    # Without these two, the page is free of addresses and takes all its colors from the style sheet.
    return {key: value for key, value in drawn.to_dict().items() if key not in ("$schema", "config")}


def _intervals(chart: Chart, series: tuple[str, ...]) -> alt.LayerChart | alt.FacetChart:
    axis = alt.Axis(labelLimit=150, ticks=False, domain=False)
    if any("\n" in group for group in chart.groups):
        axis = alt.Axis(labelLimit=150, ticks=False, domain=False, labelExpr="split(datum.label, '\\n')")
    groups = alt.Y("group:N", sort=list(chart.groups), title=None, axis=axis)
    offset = alt.YOffset("series:N", sort=list(series), scale=alt.Scale(domain=list(series), paddingOuter=0.35))
    color = _color(series)

    scale = alt.Scale(zero=False, nice=True, domain=list(chart.domain) if chart.domain else alt.Undefined)

    def x(field: str) -> alt.X:
        return alt.X(field, title=chart.x, scale=scale, axis=alt.Axis(tickCount=6))

    means = alt.Chart(_data(chart.rows)).encode(y=groups, yOffset=offset, color=color)
    seeds = alt.Chart(_data(chart.points)).encode(y=groups, yOffset=offset, color=color)
    rule = means.mark_rule(strokeWidth=1.5, clip=True).transform_filter("isValid(datum.low)")
    points = means.mark_point(filled=True, size=75, opacity=1)
    layers: list[Any] = [
        rule.encode(x=x("low:Q"), x2="high:Q"),
        points.encode(
            x=x("mean:Q"),
            shape=_shape(series),
            tooltip=_tooltip(chart, "group:N", "series:N", "mean:Q", "low:Q", "high:Q"),
        ),
    ]
    # Vega warns of a layer without data
    if chart.points:
        ticks = seeds.mark_tick(thickness=1.5, height=9, opacity=0.55)
        tooltip = _tooltip(chart, "group:N", "series:N", "seed:O", "value:Q")
        layers.insert(1, ticks.encode(x=x("value:Q"), tooltip=tooltip))
    if chart.mark is not None:
        at = alt.Chart(_data(({"value": chart.mark},)))
        layers.insert(0, at.mark_rule(strokeWidth=1).encode(x=x("value:Q")))
    return alt.layer(*layers)


def _lines(chart: Chart, series: tuple[str, ...]) -> alt.LayerChart | alt.FacetChart:
    x = alt.X("x:Q", title=chart.x, scale=alt.Scale(nice=False), axis=alt.Axis(grid=False))
    y = alt.Y("mean:Q", title=chart.y, scale=alt.Scale(zero=True))
    tooltip = _tooltip(chart, "series:N", "x:Q", "mean:Q", "low:Q", "high:Q")
    means = alt.Chart(_data(chart.rows)).encode(x=x, color=_color(series))
    layers: list[Any] = [means.mark_line(strokeWidth=2).encode(y=y)]
    # Vega warns of a layer without data
    if _has_ends(chart):
        area = means.mark_area(opacity=0.11, line=False).transform_filter("isValid(datum.low)")
        layers.insert(0, area.encode(y=alt.Y("low:Q", title=chart.y), y2="high:Q"))
    if all(float(row["x"] or 0) <= 1 for row in chart.rows):
        dots = means.mark_point(filled=True, size=42, opacity=1)
        dots = dots.transform_filter("round(datum.x * 1000) % 50 == 0")
        layers.append(dots.encode(y=y, shape=_shape(series), tooltip=tooltip))
    else:
        dots = means.mark_point(filled=True, size=42, opacity=0)
        layers.append(dots.encode(y=y, tooltip=tooltip))
    if chart.mark is not None:
        at = alt.Chart(_data(({"x": chart.mark},)))
        layers.insert(0, at.mark_rule(strokeDash=[4, 4], strokeWidth=1).encode(x=x))
    if chart.level is not None:
        at = alt.Chart(_data(({"mean": chart.level},)))
        layers.insert(0, at.mark_rule(strokeDash=[4, 4], strokeWidth=1).encode(y=y))
    if chart.points:
        single = alt.Chart(_data(chart.points)).encode(x=x, color=_color(series), tooltip=tooltip)
        layers += [
            single.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q", title=chart.y), y2="high:Q"),
            single.mark_point(filled=True, size=90, opacity=1).encode(y=y, shape=_shape(series)),
        ]
    return alt.layer(*layers)


def _steps(chart: Chart, series: tuple[str, ...]) -> alt.LayerChart | alt.FacetChart:
    x = alt.X("x:N", title=chart.x, sort=list(chart.groups), scale=alt.Scale(type="point", padding=0.3), axis=_names())
    y = alt.Y("mean:Q", title=chart.y, scale=alt.Scale(zero=True))
    means = alt.Chart(_data(chart.rows)).encode(x=x, color=_color(series))
    tooltip = _tooltip(chart, "series:N", "x:N", "mean:Q", "low:Q", "high:Q")
    layers: list[Any] = [
        means.mark_line(strokeWidth=2).encode(y=y),
        means.mark_point(filled=True, size=70, opacity=1).encode(y=y, shape=_shape(series), tooltip=tooltip),
    ]
    if _has_ends(chart):
        rule = means.mark_rule(strokeWidth=1.5, opacity=0.7).transform_filter("isValid(datum.low)")
        layers.insert(0, rule.encode(y=alt.Y("low:Q", title=chart.y), y2="high:Q"))
    return alt.layer(*layers)


def _places(chart: Chart, series: tuple[str, ...]) -> alt.LayerChart | alt.FacetChart:
    """Arms along an axis of their study; neighbouring series stand side by side, so that intervals do not hide."""
    own = [name for name in series if any(row["series"] == name for row in chart.rows)]
    names = alt.Axis(grid=False, labelAngle=0, labelLimit=140, ticks=False)
    band = alt.Scale(type="band", paddingInner=0.55 if len(own) > 1 else 0.9, paddingOuter=0.2)
    x = alt.X("x:N", title=chart.x, sort=list(chart.groups), scale=band, axis=names)
    aside = alt.XOffset("series:N", sort=own, scale=alt.Scale(domain=own))
    scale = alt.Scale(zero=False, domain=list(chart.domain) if chart.domain else alt.Undefined)
    axis = alt.Axis(tickCount=5)

    def y(field: str) -> alt.Y:
        return alt.Y(field, title=chart.y, scale=scale, axis=axis)

    means = alt.Chart(_data(chart.rows)).encode(x=x, xOffset=aside, color=_color(series))
    tooltip = _tooltip(chart, "series:N", "x:N", "mean:Q", "low:Q", "high:Q")
    layers: list[Any] = [
        means.mark_line(strokeWidth=2, clip=True).encode(y=y("mean:Q")),
        means.mark_point(filled=True, size=80, opacity=1, clip=True).encode(
            y=y("mean:Q"), shape=_shape(series), tooltip=tooltip
        ),
    ]
    if chart.points:
        seeds = alt.Chart(_data(chart.points)).encode(x=x, xOffset=aside, color=_color(series))
        ticks = seeds.mark_tick(thickness=1.5, width=9, opacity=0.55, orient="horizontal")
        told = _tooltip(chart, "series:N", "x:N", "seed:O", "value:Q")
        layers.insert(0, ticks.encode(y=y("value:Q"), tooltip=told))
    if _has_ends(chart):
        rule = means.mark_rule(strokeWidth=1.5, clip=True).transform_filter("isValid(datum.low)")
        layers.insert(0, rule.encode(y=y("low:Q"), y2="high:Q"))
    if chart.level is not None:
        at = alt.Chart(_data(({"mean": chart.level},)))
        layers.insert(0, at.mark_rule(strokeDash=[4, 4], strokeWidth=1.25).encode(y=y("mean:Q")))
    return alt.layer(*layers)


def _heat(chart: Chart, _series: tuple[str, ...]) -> alt.LayerChart | alt.FacetChart:
    """A color for each place; the page's style gives the colors, the number stands in it."""
    names = alt.Axis(labelAngle=0, labelLimit=140, ticks=False, domain=False)
    places = alt.Chart(_data(chart.rows)).encode(
        x=alt.X("x:N", title=chart.x, sort=list(chart.across), axis=names, scale=alt.Scale(paddingInner=0.03)),
        y=alt.Y("group:N", title=chart.y, sort=list(chart.groups), axis=names, scale=alt.Scale(paddingInner=0.03)),
    )
    told = {"x": chart.x, "group": chart.y, "mean": "mean", "low": "95 % from", "high": "95 % to"}
    tooltip = [alt.Tooltip(f"{name}:{'N' if name in ('x', 'group') else 'Q'}", title=told[name]) for name in told]
    color = alt.Color("mean:Q", scale=alt.Scale(zero=False, nice=False, interpolate="rgb"), legend=None)
    return alt.layer(
        places.mark_rect(cornerRadius=3).encode(color=color, tooltip=tooltip),
        places.mark_text(fontSize=13).encode(text="text:N", tooltip=tooltip),
    )


def _has_ends(chart: Chart) -> bool:
    """Whether a mean has an interval."""
    return any(row["low"] is not None for row in chart.rows)


def _names() -> alt.Axis:
    """An axis of names, slanted so that many fit."""
    return alt.Axis(grid=False, labelAngle=-30, labelLimit=140, labelOverlap="greedy")


def _histogram(chart: Chart, series: tuple[str, ...]) -> alt.LayerChart | alt.FacetChart:
    bars = alt.Chart(_data(chart.rows)).mark_bar(binSpacing=1, opacity=0.85)
    drawn = bars.encode(
        x=alt.X("x:Q", title=chart.x, bin="binned", scale=alt.Scale(nice=False), axis=alt.Axis(grid=False)),
        x2="x2:Q",
        y=alt.Y("y:Q", title=chart.y, stack=True),
        color=_color(series),
        tooltip=[
            alt.Tooltip("x:Q", title="from"),
            alt.Tooltip("x2:Q", title="to"),
            *_tooltip(chart, "series:N", "y:Q"),
        ],
    )
    layers: list[Any] = [drawn]
    if chart.mark is not None:
        at = alt.Chart(_data(({"x": chart.mark},)))
        layers.append(at.mark_rule(strokeDash=[4, 4], strokeWidth=1).encode(x=alt.X("x:Q", title=chart.x)))
    return alt.layer(*layers)


def _runs(chart: Chart, series: tuple[str, ...]) -> alt.LayerChart | alt.FacetChart:
    x = alt.X("x:Q", title=chart.x, scale=alt.Scale(nice=False), axis=alt.Axis(grid=False, tickMinStep=1))
    scale = alt.Scale(zero=False)
    seeds = alt.Chart(_data(chart.points)).mark_line(strokeWidth=1, opacity=0.35)
    means = alt.Chart(_data(chart.rows)).mark_line(strokeWidth=2.25, point=False)
    return alt.layer(
        seeds.encode(x=x, y=alt.Y("value:Q", title=None, scale=scale), color=_color(series), detail="seed:N"),
        means.encode(x=x, y=alt.Y("mean:Q", title=None, scale=scale), color=_color(series)),
        means.mark_point(filled=True, size=30, opacity=1).encode(
            x=x,
            y=alt.Y("mean:Q", title=None, scale=scale),
            color=_color(series),
            shape=_shape(series),
            tooltip=_tooltip(chart, "series:N", "x:Q", "mean:Q"),
        ),
    )


def _scatter(chart: Chart, series: tuple[str, ...]) -> alt.LayerChart | alt.FacetChart:
    points = (
        alt.Chart(_data(chart.rows))
        .mark_point(filled=True, size=90, opacity=0.85)
        .encode(
            x=alt.X("x:Q", title=chart.x, scale=alt.Scale(zero=False, padding=12), axis=alt.Axis(tickCount=6)),
            y=alt.Y("y:Q", title=chart.y, scale=alt.Scale(zero=False, padding=12)),
            color=_color(series),
            shape=_shape(series),
            tooltip=_tooltip(chart, "series:N", "seed:O", "x:Q", "y:Q"),
        )
    )
    return alt.layer(points)


def _data(rows: tuple[Any, ...]) -> alt.InlineData:
    return alt.InlineData(values=[dict(row) for row in rows])


def _color(series: tuple[str, ...]) -> alt.Color:
    return alt.Color("series:N", scale=alt.Scale(domain=list(series)), legend=None)


def _shape(series: tuple[str, ...]) -> alt.Shape:
    return alt.Shape("series:N", scale=alt.Scale(domain=list(series)), legend=None)


def _tooltip(chart: Chart, *fields: str) -> list[alt.Tooltip]:
    words = {"low": "95 % from", "high": "95 % to", "series": chart.series_title, "seed": chart.seed_title}
    return [alt.Tooltip(field, title=words.get(field[:-2], field[:-2])) for field in fields]


@cache
def library() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, out of the installed package; it sets `window.vegaEmbed`."""
    version = ".".join(alt.SCHEMA_VERSION.split(".")[:2])
    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=version))
