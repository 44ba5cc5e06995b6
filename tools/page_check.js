"use strict";
// Looks at a page of cuesmith as a browser has laid it out, and writes what is wrong with it in place of the page.
// The rules are those of WCAG 2.2 AA (and of axe-core) that can fail on such a page.
(function () {
  var faults = [];
  function fault(rule, node) { faults.push(rule + ": " + (node && node.outerHTML ? node.outerHTML.slice(0, 140) : node)); }
  function all(selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); }
  function colour(text) {
    var parts = (text.match(/[\d.]+/g) || []).map(Number);
    return { r: parts[0] || 0, g: parts[1] || 0, b: parts[2] || 0, a: parts.length > 3 ? parts[3] : parts.length ? 1 : 0 };
  }
  function over(top, below) {
    function mix(a, b) { return a * top.a + b * (1 - top.a); }
    return { r: mix(top.r, below.r), g: mix(top.g, below.g), b: mix(top.b, below.b), a: 1 };
  }
  function luminance(c) {
    return [c.r, c.g, c.b].map(function (v) {
      v /= 255;
      return v > 0.04045 ? Math.pow((v + 0.055) / 1.055, 2.4) : v / 12.92;
    }).reduce(function (sum, v, at) { return sum + v * [0.2126, 0.7152, 0.0722][at]; }, 0);
  }
  function background(node) {
    var layers = [];
    for (; node; node = node.parentElement) { layers.push(colour(getComputedStyle(node).backgroundColor)); }
    var dark = matchMedia("(prefers-color-scheme: dark)").matches;
    var base = dark ? { r: 18, g: 18, b: 18, a: 1 } : { r: 255, g: 255, b: 255, a: 1 };
    return layers.reverse().reduce(function (below, layer) { return over(layer, below); }, base);
  }
  function opacity(node) {
    var value = 1;
    for (; node; node = node.parentElement) { value *= Number(getComputedStyle(node).opacity); }
    return value;
  }
  function hasText(node) {
    return Array.prototype.some.call(node.childNodes, function (child) { return child.nodeType === 3 && child.data.trim(); });
  }

  if (document.documentElement.scrollWidth > innerWidth + 1) {
    fault("wider than the screen", document.documentElement.scrollWidth + " of " + innerWidth + " pixels");
  }
  if (!document.documentElement.lang) { fault("no language", document.documentElement); }
  if (!document.title) { fault("no title", "head"); }
  if (all("main").length !== 1) { fault("one main landmark", all("main").length); }
  if (all("h1").length !== 1) { fault("one h1", all("h1").length); }
  all("h1,h2,h3,h4").reduce(function (before, node) {
    var level = Number(node.tagName[1]);
    if (level > before + 1) { fault("a heading level is left out", node); }
    return level;
  }, 0);
  all("img:not([alt])").forEach(function (node) { fault("image without words", node); });
  all("svg").forEach(function (node) {
    if (!node.getAttribute("aria-label") && node.getAttribute("aria-hidden") !== "true") { fault("picture without words", node); }
  });
  all("[role=img],[role=region],audio,video").forEach(function (node) {
    if (!node.getAttribute("aria-label")) { fault("no name", node); }
  });
  all("a,button,summary").forEach(function (node) { if (!node.textContent.trim()) { fault("nothing to read", node); } });
  all("th:not([scope])").forEach(function (node) { fault("head cell without scope", node); });
  all("div,section").forEach(function (node) {
    var style = getComputedStyle(node);
    if (/auto|scroll/.test(style.overflowX) && node.scrollWidth > node.clientWidth && node.tabIndex < 0) { fault("scrolls, but not by keyboard", node); }
  });
  all("[role=list]").forEach(function (list) {
    Array.prototype.forEach.call(list.children, function (child) {
      if (child.getAttribute("role") !== "listitem") { fault("no item in a list", child); }
    });
  });
  all("ul,dl").forEach(function (list) {
    Array.prototype.forEach.call(list.children, function (child) {
      if (!/^(LI|DIV|DT|DD|SCRIPT)$/.test(child.tagName)) { fault("no item in a list", child); }
    });
  });
  var seen = {};
  all("[id]").forEach(function (node) { if (seen[node.id]) { fault("an id twice", node); } seen[node.id] = true; });
  all("body *").forEach(function (node) {
    if (!hasText(node) || /^(SCRIPT|STYLE|TITLE)$/.test(node.tagName) || !node.getClientRects().length) { return; }
    var style = getComputedStyle(node), below = background(node), text = colour(style.color);
    if (style.visibility === "hidden") { return; }
    text.a *= opacity(node);
    var a = luminance(over(text, below)), b = luminance(below);
    var contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), size = parseFloat(style.fontSize);
    var least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (contrast < least) { fault("contrast " + contrast.toFixed(2) + " under " + least, node); }
    if (size < 11) { fault("text of " + size + " pixels", node); }
  });
  document.body.textContent = "FAULTS " + faults.length + " " + faults.join(" | ");
})();
