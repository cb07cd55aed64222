// Draws each chart from the JSON beside it. No network, no inline script: the page's policy allows files only.
(function () {
  "use strict";
  var config = {
    displaylogo: false, responsive: false, showTips: false, showLink: false, locale: "zh-CN",
    modeBarButtons: [["toImage"]], toImageButtonOptions: { scale: 2 }
  };
  function draw() {
    if (!window.Plotly) { return; }
    window.Plotly.register({
      moduleType: "locale", name: "zh-CN",
      dictionary: { "Download plot as a PNG": "把图存为 PNG", "Download plot as a png": "把图存为 PNG" },
      format: { decimal: ".", thousands: "," }
    });
    document.querySelectorAll("figure.chart").forEach(function (figure) {
      var spec = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
      var place = figure.querySelector("div.drawing");
      place.textContent = "";
      window.Plotly.newPlot(place, spec.data, spec.layout, config).then(function () {
        figure.setAttribute("data-drawn", "yes");
      });
    });
  }
  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", draw); } else { draw(); }
})();
