"use strict";
// The scored video lies beside this page under its folder's name; where the browser can't play it, the sound remains.
(function () {
  var box = document.getElementById("player"), lines = document.querySelectorAll(".head");
  var axis = document.querySelector(".timeline"), end = Number(document.body.dataset.end) || 1, now = null;
  var folder = location.pathname.split("/").slice(-2)[0];
  if (folder) {
    var video = document.createElement("video"), left = 4;
    video.controls = true; video.preload = "metadata"; video.setAttribute("aria-label", "The scored video");
    ["mp4", "mov", "webm", "mkv"].forEach(function (ending) {
      var source = document.createElement("source");
      source.src = folder + "." + ending;
      source.onerror = function () { left -= 1; if (left === 0) { video.remove(); } };
      video.appendChild(source);
    });
    box.insertBefore(video, box.firstChild);
  }
  var players = box.querySelectorAll("audio,video");
  function show(player) {
    var at = 100 * Math.min(1, player.currentTime / end) + "%";
    lines.forEach(function (line) { line.style.left = at; line.hidden = false; });
  }
  players.forEach(function (player) {
    player.addEventListener("play", function () {
      now = player;
      players.forEach(function (other) { if (other !== player) { other.pause(); } });
    });
    player.addEventListener("timeupdate", function () { show(player); });
  });
  document.querySelectorAll(".plot").forEach(function (plot) {
    plot.addEventListener("click", function (event) {
      var place = plot.getBoundingClientRect(), player = now || players[0];
      player.currentTime = end * (event.clientX - place.left) / place.width;
      show(player);
    });
  });
})();
