// The operator's console. It reads the same API as everyone else, and shows nothing that it has not read back.
//
// 1. What comes from the API becomes text nodes, never markup: a strategy may be called anything.
// 2. The token lives in this module's memory: not in storage, not in a cookie, not in an address.
// 3. Numbers are shown as they were sent, digit for digit, without zeros at the end of a fraction.

import { follow } from "./stream.js";

const RECONNECT_MS = 2000;
const REFRESH_MS = 300;

let token = "";
let refreshing = null;

const find = (id) => document.getElementById(id);
const needsToken = document.body.dataset.tokenNeeded === "true";

function element(tag, { kind, ...properties } = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  if (kind) made.className = kind;
  made.append(...children.map((child) => child ?? "–"));
  return made;
}

// Zeros at the end of a fraction tell the venue's step, not the number.
const brief = (number) => (/\.\d+$/.test(String(number)) ? String(number).replace(/\.?0+$/, "") : String(number));

const cell = (text, kind) => element("td", { kind },
  text === null || text === undefined ? "–" : kind === "number" ? brief(text) : String(text));

// Chromium and Firefox tell a reviver the number's own text; where they do not, a double is as good as it gets.
const exact = (_key, value, context) => (typeof value === "number" && context?.source ? context.source : value);

async function ask(path, options = {}) {
  const headers = { ...options.headers };
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(path, { ...options, headers, cache: "no-store" });
  const body = JSON.parse(await response.text(), exact);
  if (!response.ok) throw Object.assign(new Error(`${body.code}: ${body.detail}`), { status: response.status });
  return body;
}

function fill(id, rows, columns, nothing) {
  const none = element("tr", {}, element("td", { kind: "empty", colSpan: columns }, nothing));
  find(id).replaceChildren(...(rows.length ? rows : [none]));
}

const PROTECTION = {
  awaiting_entry: ["waiting for the entry", "warn"],
  exposed: ["exposed", "bad"],
  protected: ["stop is live", "good"],
  closing: ["closing", "warn"],
  closed: ["closed", ""],
};

function tradeRow(trade) {
  return element("tr", {}, cell(trade.symbol), cell(trade.side), cell(trade.held, "number"),
    cell(trade.entry_price, "number"), cell(trade.stop_price, "number"), cell(trade.target_price, "number"),
    cell(...(PROTECTION[trade.bracket.state] ?? [trade.bracket.state, "bad"])), cell(trade.strategy_id));
}

const OUTCOMES = { accepted: "good", denied: "warn", malformed: "bad" };

function decisionRow(decision) {
  return element("tr", {}, cell(decision.at.slice(11, 19)), cell(decision.symbol), cell(decision.action),
    cell(decision.outcome, OUTCOMES[decision.outcome]), cell(decision.codes.join(", ") || null), cell(decision.strategy_id));
}

function limitRow(limit) {
  const share = limit.ratio === null ? "–" : element("meter", { min: 0, max: 1, high: 0.8, value: Number(limit.ratio) });
  return element("tr", {}, cell(limit.name), cell(limit.used, "number"), cell(limit.limit, "number"),
    element("td", {}, share));
}

function showStatus(status, account) {
  const balance = account.data.balance;
  const ratio = status.protected_ratio ?? null;
  find("state").textContent = status.trading_state;
  find("state").className = `figure ${status.trading_state === "active" ? "good" : "bad"}`;
  find("state-reason").textContent = status.trading_state_reason;
  find("equity").textContent = balance ? `${brief(balance.equity)} ${balance.asset}` : "unknown";
  find("free").textContent = balance ? `${brief(balance.free)} free` : "the balance could not be read";
  find("protected").textContent = ratio === null ? "flat" : `${(Number(ratio) * 100).toFixed(1)} %`;
  find("protected").className = `figure ${ratio === null || Number(ratio) >= 1 ? "good" : "bad"}`;
  find("head").textContent = `frame ${status.head.number}`;
  find("build").textContent = `${status.account}, ${status.market}, build ${status.build}`;
}

async function refresh() {
  const [status, account, trades, decisions, limits] = await Promise.all(
    ["/status", "/account", "/trades?open=true&limit=50", "/decisions?limit=20", "/limits"].map((path) => ask(path)));
  showStatus(status, account);
  fill("trades", trades.trades.map(tradeRow), 8, "No trade is open.");
  fill("decisions", decisions.decisions.map(decisionRow), 6, "No signal has arrived yet.");
  fill("limits", limits.limits.map(limitRow), 4, "No limit is set.");
  find("open-trades").textContent = `${trades.trades.length} open`;
  find("token-form").hidden = true;
  find("desk").hidden = false;
}

// Many entries may be written at once; the page is read again once for all of them.
function refreshSoon() {
  refreshing ??= setTimeout(() => {
    refreshing = null;
    refresh().catch(showTrouble);
  }, REFRESH_MS);
}

function showTrouble(error) {
  find("link").textContent = error.message;
  find("link").className = "note bad";
  if (error.status === 401 || error.status === 403) find("token-form").hidden = false;
}

async function connect() {
  for (let last = null; ;) {
    try {
      await refresh();
      find("link").textContent = "connected";
      find("link").className = "note good";
      last = await follow("/events", { token, last, told: refreshSoon });
      find("link").textContent = "the stream ended; reconnecting";
      find("link").className = "note warn";
    } catch (error) {
      showTrouble(error);
      if (error.status === 401 || error.status === 403) return;
      last = error.last ?? last;
    }
    await new Promise((resume) => setTimeout(resume, RECONNECT_MS));
  }
}

find("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  token = find("token").value.trim();
  find("token").value = "";
  connect();
});

find("halt-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.submitter;
  const body = JSON.stringify({ reason: find("reason").value });
  button.disabled = true;
  try {
    const answer = await ask("/control/halt", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    find("halt-answer").textContent = answer.message;
    find("reason").value = "";
  } catch (error) {
    find("halt-answer").textContent = error.message;
  } finally {
    button.disabled = false;
  }
  await refresh().catch(showTrouble);
});

if (needsToken) {
  find("token-form").hidden = false;
  find("link").textContent = "waiting for a token";
} else {
  connect();
}
