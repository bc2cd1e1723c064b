// Writes locales/*.txt: what an Intl implementation with full ICU data shows of each
// locale, read off its answers. Run by go generate.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";

// Languages, and the regional variants of each that differ enough to be kept.
const languages = {
  en: "en-GB en-AU en-CA en-IE en-IN en-NZ en-ZA en-SG en-HK", de: "de-AT de-CH", fr: "fr-BE fr-CA fr-CH", es: "es-MX es-AR es-CL es-CO es-PE es-US es-419",
  it: "it-CH", pt: "pt-PT", nl: "nl-BE", sv: "", da: "", nb: "", fi: "", pl: "", cs: "", sk: "", hu: "", ro: "", bg: "", hr: "", el: "", tr: "", ru: "", uk: "",
  he: "", ar: "ar-EG ar-AE ar-SA", hi: "", id: "", vi: "", ja: "", zh: "zh-TW zh-HK", ko: "",
};

const currencies = "USD EUR GBP JPY CNY INR CAD AUD NZD CHF SEK NOK DKK ISK PLN CZK HUF RON BGN RUB UAH TRY ILS AED SAR EGP KWD ZAR NGN KES BRL MXN ARS CLP COP PEN KRW TWD HKD SGD THB IDR MYR PHP VND PKR".split(" ");
const units = "acre bit byte celsius centimeter day degree fahrenheit fluid-ounce foot gallon gigabit gigabyte gram hectare hour inch kilobit kilobyte kilogram kilometer liter megabit megabyte meter microsecond mile mile-scandinavian milliliter millimeter millisecond minute month nanosecond ounce percent petabyte pound second stone terabit terabyte week yard year kilometer-per-hour mile-per-hour meter-per-second mile-per-gallon liter-per-kilometer".split(" ");
const metazones = "Europe/Paris Europe/London Europe/Helsinki Europe/Lisbon Europe/Moscow Europe/Istanbul America/New_York America/Chicago America/Denver America/Los_Angeles America/Anchorage Pacific/Honolulu America/Halifax America/St_Johns America/Phoenix America/Sao_Paulo America/Argentina/Buenos_Aires America/Mexico_City America/Bogota America/Santiago Asia/Tokyo Asia/Shanghai Asia/Hong_Kong Asia/Seoul Asia/Singapore Asia/Kolkata Asia/Dubai Asia/Riyadh Asia/Jerusalem Asia/Bangkok Asia/Jakarta Asia/Manila Asia/Taipei Australia/Sydney Australia/Brisbane Australia/Perth Australia/Adelaide Pacific/Auckland Africa/Johannesburg Africa/Lagos Africa/Nairobi UTC".split(" ");

const nu = "-u-nu-latn-ca-gregory";

function probe(locale) {
  if (process.env.DEBUG) console.error(locale);
  const out = new Map(), L = locale + nu;
  const put = (k, v) => { if (v !== undefined && v !== "") out.set(k, String(v).replaceAll("\n", " ")); };
  const categories = new Intl.PluralRules(L).resolvedOptions().pluralCategories;
  const rules = new Intl.PluralRules(L);
  const samples = new Map();
  for (const n of [1, 2, 3, 5, 6, 11, 20, 100, 0, 1.5, 1000000]) { const c = rules.select(n); if (!samples.has(c)) samples.set(c, n); }
  const plural = (f) => {
    const forms = new Map();
    for (const [c, n] of samples) forms.set(c, f(n));
    const other = forms.get("other") ?? f(1.5);
    const rest = [...forms].filter(([c, v]) => c !== "other" && v !== other).map(([c, v]) => c + "=" + v);
    return [...rest, other].join("|");
  };
  numbers(locale === "ar-EG" ? locale : L, put, plural, samples); // the one whose own digits are not Latin
  dates(L, put);
  relative(L, put, plural);
  lists(L, put);
  put("n.nu", new Intl.NumberFormat(locale).resolvedOptions().numberingSystem);
  return out;
}

// joined shows number parts as {0} and keeps the rest.
function joined(parts, marks = {}) {
  let s = "", inNumber = false;
  for (const p of parts) {
    if (["integer", "group", "decimal", "fraction"].includes(p.type)) { if (!inNumber) s += "{0}"; inNumber = true; continue; }
    inNumber = false;
    s += marks[p.type] ?? p.value;
  }
  return s;
}

function numbers(L, put, plural, samples) {
  const parts = (n, o) => new Intl.NumberFormat(L, o).formatToParts(n);
  const find = (n, type, o) => parts(n, o).find((p) => p.type === type)?.value;
  put("n.decimal", find(1.5, "decimal"));
  put("n.group", find(1234567, "group"));
  put("n.minus", find(-1, "minusSign"));
  put("n.plus", find(1, "plusSign", { signDisplay: "always" }));
  put("n.percent", find(1, "percentSign", { style: "percent" }));
  put("n.exponent", find(1e9, "exponentSeparator", { notation: "scientific" }));
  put("n.nan", find(NaN, "nan"));
  put("n.grouping", parts(1234567890).filter((p) => p.type === "integer").map((p) => p.value.length).reverse().slice(0, 2).join(","));
  put("n.mingroup", find(1234, "group") ? 1 : 2);
  const marks = { currency: "¤", minusSign: "-", plusSign: "+", percentSign: "%" };
  put("n.negative", joined(parts(-1), marks));
  put("n.percentpattern", joined(parts(1, { style: "percent" }), marks));
  put("n.percentnegative", joined(parts(-1, { style: "percent" }), marks));
  for (const [name, o] of [["symbol", { currency: "GBP", currencyDisplay: "narrowSymbol" }], ["code", { currency: "XTS", currencyDisplay: "code" }]]) {
    for (const [sign, n, p] of [["positive", 1, {}], ["negative", -1, {}], ["accounting", -1, { currencySign: "accounting" }]])
      put(`c.${name}.${sign}`, joined(parts(n, { style: "currency", ...o, ...p }), marks));
  }
  put("c.name", plural((n) => joined(parts(n, { style: "currency", currency: "EUR", currencyDisplay: "name" }), { currency: "¤" })));
  const names = new Intl.DisplayNames(L, { type: "currency" });
  for (const c of currencies) {
    const get = (n, display) => find(n, "currency", { style: "currency", currency: c, currencyDisplay: display });
    put("c." + c, [get(1, "symbol"), get(1, "narrowSymbol"), names.of(c), plural((n) => get(n, "name"))].join("|"));
  }
  for (const display of ["short", "long"]) {
    for (let e = 3; e < 15; e++) {
      const show = (n) => parts(n * 10 ** e, { notation: "compact", compactDisplay: display });
      const shown = show(1);
      if (!shown.some((p) => p.type === "compact")) continue;
      const digits = Math.max(1, shown.filter((p) => p.type === "integer").map((p) => p.value).join("").length);
      const forms = new Map(), unit = 10 ** (digits - 1);
      const rules = new Intl.PluralRules(L);
      for (const m of [1, 2, 3, 5, 6, 8, 9.5, 1.5, 1.1, 1.2, 3.5].map((m) => (digits === 1 ? m : m % 1 ? 0 : m * unit + (digits > 1 ? m : 0))).filter(Boolean)) {
        const c = rules.select(m);
        if (!forms.has(c)) forms.set(c, joined(show(m / unit)));
      }
      const other = forms.get("other") ?? joined(show(5));
      put(`k.${display}.${e}`, digits + ":" + [...[...forms].filter(([c, v]) => c !== "other" && v !== other).map(([c, v]) => c + "=" + v), other].join("|"));
    }
  }
  for (const u of units) for (const display of ["short", "narrow", "long"])
    put(`u.${u}.${display}`, plural((n) => joined(parts(n, { style: "unit", unit: u, unitDisplay: display }), { minusSign: "-" })));
  for (const u of ["second", "minute", "hour", "day", "week", "month", "year", "liter", "kilometer", "meter", "kilogram", "gram", "foot", "inch", "mile", "gallon"]) for (const display of ["short", "narrow", "long"]) {
    const one = new Intl.NumberFormat(L, { style: "unit", unit: "byte", unitDisplay: display }).format(5);
    const per = new Intl.NumberFormat(L, { style: "unit", unit: "byte-per-" + u, unitDisplay: display }).format(5);
    if (per.includes(one)) put(`u.per-${u}.${display}`, per.replace(one, "{0}"));
  }
  put("n.range", joined(new Intl.NumberFormat(L).formatRangeToParts(3, 5).filter((p) => p.source === "shared")) || new Intl.NumberFormat(L).formatRange(3, 5).slice(1, -1));
  put("n.approximately", find(0, "approximatelySign") ?? new Intl.NumberFormat(L).formatRangeToParts(3, 3).find((p) => p.type === "approximatelySign")?.value);
}

const day = (m, d = 5, h = 7) => new Date(Date.UTC(2021, m, d, h, 8, 9, 456));

function dates(L, set) {
  // V8 shows narrow spaces as plain ones in dates.
  const put = (k, v) => set(k, v?.toString().replaceAll("\u202f", " "));
  const UTC = { timeZone: "UTC" };
  const format = (date, o) => new Intl.DateTimeFormat(L, { ...UTC, ...o }).format(date);
  const parts = (date, o) => new Intl.DateTimeFormat(L, { ...UTC, ...o }).formatToParts(date);
  const part = (date, type, o) => parts(date, o).find((p) => p.type === type)?.value ?? "";
  const widths = ["long", "short", "narrow"];
  const months = {}, days = {};
  const twelve = [...Array(12).keys()];
  for (const w of widths) {
    // Alone, and beside a day, which some languages inflect.
    months[w] = [twelve.map((m) => part(day(m), "month", { month: w })), twelve.map((m) => part(day(m), "month", { month: w, day: "numeric" }))];
    if (w !== "narrow" && /^\d/.test(months[w][1][0]) && !/^\d/.test(months[w][0][0])) months[w][1] = months[w][0];
    days[w] = [[...Array(7).keys()].map((d) => part(day(7, d + 1), "weekday", { weekday: w })), [...Array(7).keys()].map((d) => part(day(7, d + 1), "weekday", { weekday: w, day: "numeric", month: "long", year: "numeric" }))];
    put("d.month." + w, months[w][0].join("|"));
    if (months[w][1].join() !== months[w][0].join()) put("d.monthformat." + w, months[w][1].join("|"));
    put("d.weekday." + w, days[w][0].join("|"));
    if (days[w][1].join() !== days[w][0].join()) put("d.weekdayformat." + w, days[w][1].join("|"));
    put("d.era." + w, [new Date(Date.UTC(-100, 1, 1)), day(1)].map((d) => part(d, "era", { era: w, year: "numeric" })).join("|"));
    const at = [...Array(24).keys()].map((h) => part(day(1, 5, h), "dayPeriod", { hour: "numeric", dayPeriod: w, hourCycle: "h12" }));
    put("d.dayperiod." + w, at.map((v, i) => (i && at[i - 1] === v ? "" : v)).join("|"));
  }
  put("d.ampm", [1, 13].map((h) => part(day(1, 5, h), "dayPeriod", { hour: "numeric", hour12: true })).join("|"));

  const at = day(1);
  // pattern writes the parts of a formatted date as fields in braces.
  const pattern = (o) => parts(at, o).map((p) => {
    const v = p.value;
    const name = (list, letter) => {
      for (const [w, n] of [["long", 4], ["short", 3], ["narrow", 5]]) for (const alone of [1, 0]) if (list[w][alone][letter === "M" ? 1 : 5] === v) return "{" + (letter === "M" ? (alone ? "M" : "L") : alone ? "E" : "c").repeat(n) + "}";
      return "{" + letter.repeat(4) + "}";
    };
    switch (p.type) {
      case "literal": return v;
      case "year": case "relatedYear": return v.length === 2 ? "{yy}" : "{y}";
      case "month": return /^\d+$/.test(v) && !(o.month?.length > 4 && o.month !== "numeric" && o.month !== "2-digit") ? (v.length === 2 ? "{MM}" : "{M}") : name(months, "M");
      case "weekday": { const w = Object.keys(days).find((w) => days[w][1][5] === v || days[w][0][5] === v); return { long: days.long[1][5] === v ? "{EEEE}" : "{cccc}", short: days.short[1][5] === v ? "{EEE}" : "{ccc}", narrow: "{EEEEE}" }[w] ?? "{EEEE}"; }
      case "day": return v.length === 2 ? "{dd}" : "{d}";
      case "hour": return v.length === 2 ? "{hh}" : "{h}";
      case "minute": return v.length === 2 ? "{mm}" : "{m}";
      case "second": return v.length === 2 ? "{ss}" : "{s}";
      case "dayPeriod": return o.dayPeriod ? "{B}" : "{a}";
      case "era": return "{G}";
      case "timeZoneName": return v.length > 4 || o.timeStyle === "full" ? "{zzzz}" : "{z}";
      default: return v;
    }
  }).join("");
  for (const s of ["full", "long", "medium", "short"]) {
    put("d.date." + s, pattern({ dateStyle: s }));
    put("d.time12." + s, pattern({ timeStyle: s, hour12: true }));
    put("d.time24." + s, pattern({ timeStyle: s, hour12: false }));
    const d = format(at, { dateStyle: s }), t = format(at, { timeStyle: "short" });
    put("d.join." + s, format(at, { dateStyle: s, timeStyle: "short" }).replace(d, "{1}").replace(t, "{0}"));
  }
  for (const month of [undefined, "numeric", "short", "long", "full"]) {
    const o = { year: "numeric", month: month === "full" ? "long" : month, day: "numeric", weekday: month === "full" ? "long" : undefined }, t = { hour: "numeric", minute: "numeric" };
    put("d.joinfields." + (month ?? "none"), format(at, { ...o, ...t }).replace(format(at, o), "{1}").replace(format(at, t), "{0}"));
  }
  for (const [e, weekday] of [["", undefined], ["EEE", "short"], ["EEEE", "long"]]) for (const y of ["", "y", "Gy"]) for (const [m, month] of [["", undefined], ["M", "numeric"], ["MMM", "short"], ["MMMM", "long"]]) for (const d of ["", "d"]) {
    if ((!e && !y && !m && !d) || (e && y === "Gy")) continue; // V8 dies of some weekdays with an era
    put("s." + y + m + e + d, pattern({ weekday, era: y === "Gy" ? "short" : undefined, year: y ? "numeric" : undefined, month, day: d ? "numeric" : undefined }));
  }
  for (const [h, hour12] of [["h", true], ["H", false]]) for (const m of ["", "m", "ms"]) {
    const o = { hour: "numeric", hour12, minute: m ? "numeric" : undefined, second: m === "ms" ? "numeric" : undefined };
    put("s." + h + m, pattern(o));
    put("s." + h + m + "z", pattern({ ...o, timeZoneName: "short" }));
    if (hour12) put("s.B" + h + m, pattern({ ...o, dayPeriod: "short" }));
  }
  put("s.ms", pattern({ minute: "numeric", second: "numeric" }));
  const r = new Intl.DateTimeFormat(L, { hour: "numeric" }).resolvedOptions();
  put("d.cycle", r.hourCycle);
  put("d.cycle12", new Intl.DateTimeFormat(L, { hour: "numeric", hour12: true }).resolvedOptions().hourCycle);
  put("d.range", new Intl.DateTimeFormat(L, { ...UTC, weekday: "long" }).formatRangeToParts(day(7, 1), day(7, 3)).filter((p) => p.source === "shared").map((p) => p.value).join(""));
  const winter = new Date(Date.UTC(2021, 0, 5)), summer = new Date(Date.UTC(2021, 6, 5));
  const zone = (date, timeZone, timeZoneName) => new Intl.DateTimeFormat(L, { timeZone, timeZoneName, year: "numeric" }).formatToParts(date).find((p) => p.type === "timeZoneName")?.value;
  for (const z of metazones) {
    const [w, s] = [zone(winter, z, "long"), zone(summer, z, "long")];
    if (/GMT[+-]|UTC[+-]/.test(w)) continue;
    const short = [zone(winter, z, "short"), zone(summer, z, "short")];
    const abbreviated = short.every((v) => !/[+\-−]\d/.test(v));
    const generic = zone(winter, z, "longGeneric");
    put("z." + z, [w, s === w ? "" : s, generic === w ? "" : generic, abbreviated ? short[0] : "", abbreviated && short[1] !== short[0] ? short[1] : "", abbreviated ? zone(winter, z, "shortGeneric") : ""].join("|").replace(/\|+$/, ""));
  }
  put("z.zero", ["shortOffset", "longOffset"].map((n) => zone(winter, "UTC", n)).join("|"));
  put("z.east", zone(winter, "Asia/Tokyo", "shortOffset")?.replace(/[9٩]/, "{0}"));
  put("z.west", zone(winter, "America/New_York", "shortOffset")?.replace(/[5٥]/, "{0}"));
  const fields = new Intl.DisplayNames(L, { type: "dateTimeField" });
  for (const f of ["era", "year", "quarter", "month", "weekOfYear", "weekday", "day", "dayPeriod", "hour", "minute", "second", "timeZoneName"]) put("f." + f, ["long", "short", "narrow"].map((style) => new Intl.DisplayNames(L, { type: "dateTimeField", style }).of(f)).join("|"));
  const locale = new Intl.Locale(L);
  const week = locale.weekInfo ?? locale.getWeekInfo?.();
  if (week) put("w", [week.firstDay, week.weekend.join(","), week.minimalDays].join("|"));
}

function relative(L, put, plural) {
  for (const style of ["long", "short", "narrow"]) {
    const always = new Intl.RelativeTimeFormat(L, { style }), auto = new Intl.RelativeTimeFormat(L, { style, numeric: "auto" });
    for (const unit of ["second", "minute", "hour", "day", "week", "month", "quarter", "year"]) {
      const show = (n) => always.formatToParts(n, unit).map((p) => (p.unit ? "\0" : p.value)).join("").replace(/\0+/, "{0}");
      put(`r.${unit}.${style}.future`, plural((n) => show(n)));
      put(`r.${unit}.${style}.past`, plural((n) => show(n === 0 ? -0 : -n)));
      const named = [-2, -1, 0, 1, 2].map((n) => (auto.formatToParts(n, unit).length === 1 && !auto.formatToParts(n, unit)[0].unit && auto.format(n, unit) !== always.format(n, unit) ? auto.format(n, unit) : ""));
      if (named.some(Boolean)) put(`r.${unit}.${style}.auto`, named.join("|"));
    }
  }
}

function lists(L, put) {
  for (const type of ["conjunction", "disjunction", "unit"]) for (const style of ["long", "short", "narrow"]) {
    const literals = (n) => new Intl.ListFormat(L, { type, style }).formatToParts("ABCDE".slice(0, n).split("")).map((p) => (p.type === "literal" ? p.value : "\0")).join("").split("\0").slice(1, -1);
    const two = literals(2), four = literals(4);
    put(`l.${type}.${style}`, [two[0], ...four].join("|"));
  }
}

for (const [language, variants] of Object.entries(languages)) {
  const base = probe(language);
  let text = "";
  const same = [];
  const regions = new Set();
  for (let a = 65; a < 91; a++) for (let b = 65; b < 91; b++) {
    const r = String.fromCharCode(a, b), tag = language + "-" + r;
    if (new Intl.NumberFormat(tag).resolvedOptions().locale === tag) regions.add(r);
  }
  const kept = variants.split(" ").filter(Boolean);
  const difference = (tag) => [...probe(tag)].filter(([k, v]) => base.get(k) !== v);
  const glance = (tag) => [new Intl.NumberFormat(tag).format(-12345.6), new Intl.DateTimeFormat(tag, { dateStyle: "short", timeStyle: "full", timeZone: "UTC" }).format(day(1)), new Intl.DateTimeFormat(tag, { dateStyle: "medium" }).format(day(8))].join();
  for (const r of regions) if (!kept.includes(language + "-" + r) && glance(language + "-" + r) === glance(language) && difference(language + "-" + r).length === 0) same.push(r);
  text += `[${language}]\t${same.join(" ")}\n` + [...base].map(([k, v]) => k + "\t" + v + "\n").join("");
  for (const tag of kept) text += `[${tag}]\n` + difference(tag).map(([k, v]) => k + "\t" + v + "\n").join("");
  writeFileSync(new URL(`locales/${language}.txt`, import.meta.url), text);
}

// What is the same in all languages.
const digits = Intl.supportedValuesOf("currency").map((c) => [c, new Intl.NumberFormat("en", { style: "currency", currency: c }).resolvedOptions().maximumFractionDigits]).filter(([, d]) => d !== 2);
const zip = execFileSync("go", ["env", "GOROOT"]).toString().trim() + "/lib/time/zoneinfo.zip";
const goZones = execFileSync("unzip", ["-Z1", zip]).toString().trim().split("\n").filter((z) => !z.endsWith("/"));
let zones = "";
for (const z of Intl.supportedValuesOf("timeZone")) zones += z + "\t" + new Intl.DateTimeFormat("en", { timeZone: z, timeZoneName: "long" }).formatToParts(day(0)).find((p) => p.type === "timeZoneName").value + "\n";
for (const z of goZones) {
  try {
    const canonical = new Intl.DateTimeFormat("en", { timeZone: z }).resolvedOptions().timeZone;
    if (canonical !== z) zones += z + "\t>" + canonical + "\n";
  } catch {} // not a zone
}
writeFileSync(new URL("zones.txt", import.meta.url), zones);
writeFileSync(new URL("currencies.txt", import.meta.url), Intl.supportedValuesOf("currency").map((c) => c + (digits.find(([d]) => d === c) ? "\t" + digits.find(([d]) => d === c)[1] : "")).join("\n") + "\n");
