// Draws the table of the usage page as charts. The table stays: it is what says the figures.
"use strict";

const table = document.getElementById("usage");
const style = getComputedStyle(document.documentElement);
const ink = style.getPropertyValue("--ink").trim();
const line = style.getPropertyValue("--line").trim();
const dark = (document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
const colours = dark ? ["#8bbfe8", "#e9bd6a", "#b7a6e0", "#f2a09c", "#7fd1a0"] : ["#1d5a8c", "#b4730a", "#6b52a3", "#a4262c", "#1c6b40"];

const rows = table ? [...table.tBodies[0].rows].reverse() : [];
const days = rows.map((row) => Date.parse(`${row.cells[0].textContent.trim()}T00:00:00`) / 1000);

const columns = (name) => [...table.tHead.rows[0].cells]
  .map((cell, place) => ({ label: cell.textContent, place, name: cell.dataset.series }))
  .filter((column) => column.name === name)
  .map((column) => ({
    label: column.label,
    values: rows.map((row) => (row.cells[column.place].dataset.value ? Number(row.cells[column.place].dataset.value) : null)),
  }));

const monthAndDay = (day) => `${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`;

// Bars stand on each other: the sums are drawn from the back, the own value is told.
const stacked = (series) => series.map((one, place) => ({
  ...one,
  drawn: one.values.map((_, day) => series.slice(place).reduce((sum, each) => sum + (each.values[day] || 0), 0)),
}));

const draw = (figure) => {
  const bars = figure.dataset.kind === "bars";
  const series = bars ? stacked(columns(figure.dataset.chart)) : columns(figure.dataset.chart).map((one) => ({ ...one, drawn: one.values }));
  const unit = figure.dataset.unit ? ` ${figure.dataset.unit}` : "";
  const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line } };
  const chart = new uPlot(
    {
      width: figure.clientWidth - 36,
      height: 220,
      scales: { x: { time: true }, y: { range: (_, low, high) => [0, Math.max(high * 1.1, 1)] } },
      axes: [
        { ...axis, values: (_, ticks) => ticks.map((tick) => monthAndDay(new Date(tick * 1000))), space: 60, incrs: [86400, 172800, 604800, 1209600, 2592000] },
        { ...axis, size: 64, values: (_, ticks) => ticks.map((tick) => `${tick}${unit}`) },
      ],
      series: [
        { label: table.tHead.rows[0].cells[0].textContent, value: (_, day) => (day === null ? "–" : new Date(day * 1000).toLocaleDateString(document.documentElement.lang)) },
        ...series.map((one, place) => ({
          label: one.label,
          stroke: colours[place % colours.length],
          fill: bars ? colours[place % colours.length] : undefined,
          width: bars ? 0 : 2,
          spanGaps: true,
          paths: bars ? uPlot.paths.bars({ size: [0.7, 40] }) : undefined,
          points: { show: !bars },
          value: (_, __, ___, index) => (index === null || one.values[index] === null ? "–" : `${Math.round(one.values[index])}${unit}`),
        })),
      ],
      legend: { live: true },
    },
    [days, ...series.map((one) => one.drawn)],
    figure,
  );
  new ResizeObserver(() => {
    const width = figure.clientWidth - 36;
    if (width > 0 && width !== chart.width) chart.setSize({ width, height: 220 });
  }).observe(figure);
};

if (window.uPlot && rows.length) for (const figure of document.querySelectorAll(".chart")) draw(figure);
