// Draws each chart from the JSON beside it. No network, no inline script: the page's policy allows files only.
// figure[data-drawn] says that a chart is done: "yes", or "no" where it could not be drawn.
(function () {
  "use strict";
  var WIDEST = 680; // the text width of a printed A4 page, in CSS pixels
  var config = {
    displaylogo: false, responsive: false, showTips: false, showLink: false, locale: "zh-CN",
    modeBarButtons: [["toImage"]], toImageButtonOptions: { scale: 2 }
  };
  function specOf(figure) {
    var holder = figure.querySelector("script[type='application/json']");
    return holder ? JSON.parse(holder.textContent) : null;
  }
  function draw() {
    if (!window.Plotly || !window.Plotly.newPlot) { return; }
    var specs = {};
    window.Plotly.register({
      moduleType: "locale", name: "zh-CN",
      dictionary: { "Download plot as a PNG": "把图存为 PNG", "Download plot as a png": "把图存为 PNG" },
      format: { decimal: ".", thousands: "," }
    });
    document.querySelectorAll("figure.chart").forEach(function (figure) {
      var place = figure.querySelector("div.drawing");
      function failed(error) {
        if (place) { place.textContent = "图没有画出来：" + (error && error.message || error); }
        figure.setAttribute("data-drawn", "no");
      }
      try {
        var spec = specs[figure.id] = specOf(figure);
        if (!spec || !place) { throw new Error("没有数据"); }
        // charts that look alike name the first of them
        spec.template = typeof spec.template === "number" ? specs["chart-" + spec.template].template : spec.template;
        if (spec.template) { spec.layout.template = spec.template; }
        place.textContent = "";
        if (!spec.layout.width) { spec.layout.width = Math.min(place.clientWidth || WIDEST, WIDEST); }
        if (spec.layout.width > WIDEST) { place.style.setProperty("--printed", WIDEST / spec.layout.width); }
        window.Plotly.newPlot(place, {
          data: spec.data, layout: spec.layout, frames: spec.frames, config: config
        }).then(function () {
          figure.setAttribute("data-drawn", "yes");
        }, failed);
      } catch (error) { failed(error); }
    });
  }
  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", draw); } else { draw(); }
})();
