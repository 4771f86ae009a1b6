/**
 * The script of a report: values under the cursor, under a finger, or step by step with the arrow keys. It reads the points that lie beside
 * each chart and needs nothing else. The page is whole without it.
 */
export const script = `
for (const plot of document.querySelectorAll(".plot")) {
  const data = JSON.parse(plot.querySelector("script").textContent);
  const svg = plot.querySelector("svg");
  const out = plot.parentElement.querySelector(".readout");
  const shape = name => svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", name));
  const stops = [...new Set(data.series.flatMap(s => s.points.map(p => p[0])))].sort((a, b) => a - b);
  if (stops.length === 0) continue;
  const hair = shape("line");
  hair.setAttribute("class", "hair");
  let dots = [];
  let at = -1;
  const clear = () => {
    for (const dot of dots) dot.remove();
    dots = [];
    hair.style.display = "none";
    out.replaceChildren();
    at = -1;
  };
  const near = (points, x) => points.reduce((best, p) => (best && Math.abs(best[0] - x) <= Math.abs(p[0] - x) ? best : p), undefined);
  const show = (i, y) => {
    if (i === at && y === undefined) return;
    clear();
    at = i;
    const x = stops[i];
    let found = data.series
      .map(s => ({ name: s.name, color: s.color, point: near(s.points, x) }))
      .filter(f => f.point && Math.abs(f.point[0] - x) <= 8);
    if (found.length > 8) {
      const from = y === undefined ? (data.top + data.bottom) / 2 : y;
      const closest = [...found].sort((a, b) => Math.abs(a.point[1] - from) - Math.abs(b.point[1] - from)).slice(0, 4);
      found = found.filter(f => closest.includes(f));
    }
    hair.style.display = "";
    for (const [name, value] of [["x1", x], ["x2", x], ["y1", data.top], ["y2", data.bottom]]) hair.setAttribute(name, value);
    const head = document.createElement("span");
    head.textContent = "at " + near(found.map(f => f.point), x)[2];
    head.title = data.x;
    out.append(head);
    for (const f of found) {
      const dot = shape("circle");
      for (const [name, value] of [["cx", f.point[0]], ["cy", f.point[1]], ["r", 4], ["class", "dot"]]) dot.setAttribute(name, value);
      dot.style.fill = f.color;
      dots.push(dot);
      const item = document.createElement("span");
      item.style.setProperty("--c", f.color);
      item.className = "value";
      item.textContent = f.name + " " + f.point[3];
      out.append(item);
    }
  };
  const point = event => {
    const box = svg.getBoundingClientRect();
    const scale = svg.viewBox.baseVal.width / box.width;
    const x = (event.clientX - box.left) * scale;
    let i = 0;
    while (i + 1 < stops.length && Math.abs(stops[i + 1] - x) <= Math.abs(stops[i] - x)) i++;
    show(i, (event.clientY - box.top) * scale);
  };
  plot.addEventListener("pointermove", point);
  plot.addEventListener("pointerdown", point);
  plot.addEventListener("pointerleave", event => event.pointerType === "mouse" && clear());
  plot.addEventListener("blur", clear);
  plot.addEventListener("keydown", event => {
    const last = stops.length - 1;
    const big = Math.max(1, Math.round(last / 10));
    const to = { ArrowLeft: at < 0 ? last : at - 1, ArrowRight: at + 1, PageUp: at - big, PageDown: at + big, Home: 0, End: last }[event.key];
    if (event.key === "Escape") clear();
    if (to === undefined) return;
    event.preventDefault();
    show(Math.min(last, Math.max(0, to)));
  });
}
`;
