// Copyright: eventops.infra contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Keeps a page that the server has rendered up to date: parts of it arrive over /live, rendered, and are laid over those that are there, so that
// focus, open details and what is being typed stay. Without this file everything works by loading pages.
"use strict";

(() => {
  const RETRY_MILLISECONDS = 5000; // EventSource tries again by itself, but not after an answer such as 503
  const parser = new DOMParser(); // builds a document in which nothing runs
  let clockAhead = 0; // milliseconds that the server's clock is ahead of this one's

  // --- laying what the server has rendered over what is there ---

  function lay(target, wanted) {
    if (target.nodeType !== Node.ELEMENT_NODE) {
      if (target.nodeValue !== wanted.nodeValue) target.nodeValue = wanted.nodeValue;
      return;
    }
    if (target.localName === "time" && target.dateTime === wanted.dateTime) return; // its words are ours
    layAttributes(target, wanted);
    layChildren(target, wanted);
  }

  function layAttributes(target, wanted) {
    const isDetails = target.localName === "details"; // whether it is open is the reader's choice
    for (const { name, value } of [...wanted.attributes]) {
      if (target.getAttribute(name) !== value && !(isDetails && name === "open")) target.setAttribute(name, value);
    }
    for (const { name } of [...target.attributes]) {
      if (!wanted.hasAttribute(name) && !(isDetails && name === "open")) target.removeAttribute(name);
    }
  }

  function layChildren(target, wanted) {
    const byId = new Map([...target.children].filter((child) => child.id).map((child) => [child.id, child]));
    let at = target.firstChild;
    for (const child of [...wanted.childNodes]) {
      const known = child.id ? byId.get(child.id) : isLike(at, child) ? at : null;
      if (!known) {
        target.insertBefore(child, at);
      } else {
        if (known === at) at = at.nextSibling;
        else target.insertBefore(known, at);
        lay(known, child);
      }
    }
    while (at) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
  }

  function isLike(node, wanted) {
    return node && node.nodeName === wanted.nodeName && !node.id;
  }

  function show(parts) {
    const focused = document.activeElement;
    const section = focused && focused.closest("[data-part]");
    const known = bannerIds();
    for (const [id, html] of Object.entries(parts)) {
      const target = document.getElementById(id);
      if (target) layChildren(target, parser.parseFromString(html, "text/html").body);
    }
    if (section && document.activeElement !== focused) {
      // Its element was moved or has gone: go on with the same one, or at the head of the list that it was in.
      const goOn = (focused.id && document.getElementById(focused.id)) || section.querySelector("[tabindex]") || document.getElementById("main");
      goOn.focus({ preventScroll: true });
    }
    tellTimes();
    const news = [...document.querySelectorAll("#status .banner")].filter((banner) => !known.has(banner.id));
    if (news.length) document.getElementById("said").textContent = news.map((banner) => banner.innerText).join(". ");
  }

  // What is new at the top is said to those who do not see it; not each "3 s ago" in it.
  function bannerIds() {
    return new Set([...document.querySelectorAll("#status .banner")].map((banner) => banner.id));
  }

  // --- times, as a person says them ---

  const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

  function spoken(seconds) {
    if (seconds < 60) return `${Math.round(seconds)} s`;
    if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
    if (seconds < 129600) return `${Math.round(seconds / 3600)} h`;
    return null;
  }

  function tellTimes() {
    const now = Date.now() + clockAhead;
    for (const element of document.querySelectorAll("time[datetime]")) {
      const time = Date.parse(element.dateTime);
      const seconds = (time - now) / 1000;
      const words = spoken(Math.abs(seconds));
      let text = words === null ? date.format(time) : seconds > 0 ? `in ${words}` : `${words} ago`;
      if (seconds <= 0 && seconds > -3) text = "just now";
      if (element.textContent !== text) element.textContent = text;
      if (!element.title) element.title = full.format(time);
    }
  }

  // --- the live connection ---

  let stream = null;
  let retrying = 0;

  function say(state, words) {
    const connection = document.getElementById("connection");
    connection.dataset.state = state;
    if (connection.textContent !== words) connection.textContent = words;
  }

  function connect() {
    window.clearTimeout(retrying);
    if (stream || document.hidden) return;
    stream = new EventSource(document.body.dataset.live);
    stream.addEventListener("parts", (event) => {
      const news = JSON.parse(event.data);
      clockAhead = Date.parse(news.now) - Date.now();
      if (news.title) document.title = news.title;
      show(news.parts);
      say("live", "Live");
    });
    stream.addEventListener("gone", () => window.location.reload()); // the session has ended, or the case was deleted
    stream.onerror = () => {
      say("lost", "Connecting…");
      if (stream.readyState === EventSource.CLOSED) {
        disconnect();
        retrying = window.setTimeout(connect, RETRY_MILLISECONDS);
      }
    };
  }

  function disconnect() {
    if (stream) stream.close();
    stream = null;
  }

  // --- forms, sent without leaving the page ---

  function notice(words, kind) {
    const place = document.getElementById("notice");
    const line = document.createElement("p");
    line.className = `banner ${kind}`;
    line.textContent = words;
    place.replaceChildren(line);
  }

  async function send(form, button) {
    const body = new URLSearchParams(new FormData(form, button));
    const address = button && button.hasAttribute("formaction") ? button.formAction : form.action;
    try {
      const response = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "error" });
      const answer = await response.json();
      notice(answer.message, response.ok ? "good" : "bad");
      if (response.ok) for (const field of form.querySelectorAll("input:not([type=hidden])")) field.value = "";
    } catch {
      notice("The router did not answer. Nothing is known to have changed; try again.", "bad");
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-act")) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    send(form, event.submitter).finally(() => delete form.dataset.busy);
  });

  clockAhead = Date.parse(document.body.dataset.now) - Date.now();
  tellTimes();
  window.setInterval(tellTimes, 1000);
  if (document.body.dataset.live) {
    connect();
    // A hidden tab costs the server nothing, and leaves the browser's few connections to those that are looked at.
    document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
    window.addEventListener("pageshow", connect);
    window.addEventListener("pagehide", disconnect);
  }
})();
