// Charts above tables: each is drawn from the figures of its table, which stays beside it.
"use strict";
const COLOURS = { blue: "#2f6fc4", orange: "#c66a00" };
const WORDS = "#4a5563";
const BAR = 26;
const LINES = 260;

// Say what a cell of the table counts: nothing where there is no figure.
const valueOf = (cell) => (cell.dataset.value === undefined ? null : Number(cell.dataset.value));

const written = (value, unit) => (unit === "%" ? `${value.toFixed(2)}%` : value.toLocaleString("zh-CN"));

function read(table) {
  const heads = [...table.tHead.rows[0].cells];
  const columns = heads.flatMap((head, place) => (head.dataset.series === undefined ? [] : [place]));
  const rows = [...table.tBodies[0].rows];
  return {
    names: rows.map((row) => row.cells[0].textContent.trim()),
    unit: table.dataset.unit || "",
    series: columns.map((place) => ({
      colour: COLOURS[heads[place].dataset.series] || COLOURS.blue,
      values: rows.map((row) => valueOf(row.cells[place])),
    })),
  };
}

function bars({ names, unit, series }) {
  const shown = (name) => {
    const own = name.split(" · ").pop(); // of a class: without its department
    return own.length > 12 ? `${own.slice(0, 11)}…` : own;
  };
  const longest = Math.max(...names.map((name) => shown(name).length));
  return {
    animation: false,
    grid: { left: longest * 13 + 16, right: 56, top: 4, bottom: 4 },
    xAxis: { type: "value", show: false, max: unit === "%" ? 100 : undefined },
    yAxis: {
      type: "category", inverse: true, data: names,
      axisTick: { show: false }, axisLine: { show: false },
      axisLabel: { color: WORDS, fontSize: 12, formatter: shown, interval: 0 },
    },
    series: series.map(({ colour, values }) => ({
      type: "bar", data: values, barWidth: 14, itemStyle: { color: colour },
      label: { show: true, position: "right", color: WORDS, formatter: ({ value }) => written(value, unit) },
    })),
  };
}

function lines({ names, unit, series }) {
  const short = (name) => name.replace(/^\d+年/, "");
  return {
    animation: false,
    grid: { left: 48, right: 16, top: 12, bottom: 28 },
    xAxis: {
      type: "category", boundaryGap: false, data: [...names].reverse(),
      axisLabel: { color: WORDS, formatter: short },
    },
    yAxis: { type: "value", min: 0, axisLabel: { color: WORDS, formatter: `{value}${unit}` } },
    series: series.map(({ colour, values }) => ({
      type: "line", data: [...values].reverse(), symbol: values.length > 1 ? "none" : "circle",
      lineStyle: { color: colour, width: 2 }, itemStyle: { color: colour },
    })),
  };
}

for (const place of document.querySelectorAll("[data-chart]")) {
  const figures = read(document.getElementById(place.dataset.table));
  if (!figures.names.length) { continue; }
  const asBars = place.dataset.chart === "bars";
  place.hidden = false;
  place.style.height = `${asBars ? figures.names.length * BAR + 16 : LINES}px`;
  const chart = window.echarts.init(place);
  chart.setOption(asBars ? bars(figures) : lines(figures));
  new ResizeObserver(() => chart.resize()).observe(place);
}
