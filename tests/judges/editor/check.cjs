// Tries the committed schema in yaml-language-server, the program behind YAML in most editors: every entry of cases/*.yaml, every accepted
// spec (which has to be without a finding), and that an entry of refused.yaml fails. Prints a line `ok …` or `FAIL …` for each.
// STACKC_SCHEMA may name another schema. tests/judges/README.md says what an entry holds.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { parse } = require("yaml");
const { Server } = require("./server.cjs");

const MARK = "‸";
const REPOSITORY = path.resolve(__dirname, "../../..");
// A document lies beside the schema, which its first line names as the README says.
const SCHEMA = process.env.STACKC_SCHEMA ? pathToFileURL(path.resolve(process.env.STACKC_SCHEMA)) : "./stack.schema.json";
const FIRST_LINE = `# yaml-language-server: $schema=${SCHEMA}\n`;
const KNOWN = ["it", "document", "offers", "types", "says", "only", "withholds", "hover", "problems", "refused"];

let opened = 0;

// What the editor shows for a document with a mark.
async function look(server, document) {
  const before = FIRST_LINE + document.split(MARK)[0];
  const uri = pathToFileURL(path.join(REPOSITORY, "schema", `document-${(opened += 1)}.yaml`)).href;
  const position = { line: before.split("\n").length - 1, character: before.split("\n").at(-1).length };
  const diagnostics = await server.open(uri, FIRST_LINE + document.replace(MARK, ""));
  const seen = { problems: diagnostics.map((found) => `${found.range.start.line}: ${found.message}`), items: [], hover: "" };
  if (document.includes(MARK)) {
    seen.items = await server.completions(uri, position);
    seen.hover = await server.hover(uri, position);
  }
  return seen;
}

// The differences between what an entry wants and what was seen.
function findings(entry, seen) {
  const found = [];
  const labels = seen.items.map((item) => item.label);
  const offered = `offered: ${labels.join(", ") || "nothing"}`;
  const item = (label, use) => {
    const item = seen.items.find((item) => item.label === label);
    if (item) use(item);
    else found.push(`\`${label}\` is not offered; ${offered}`);
  };
  for (const label of entry.offers ?? []) item(label, () => {});
  for (const [label, text] of Object.entries(entry.types ?? {})) {
    item(label, (item) => {
      const typed = item.textEdit?.newText ?? item.insertText;
      if (typed !== text) found.push(`\`${label}\` types ${JSON.stringify(typed)}, not ${JSON.stringify(text)}`);
    });
  }
  for (const [label, words] of Object.entries(entry.says ?? {})) {
    item(label, (item) => {
      const says = item.documentation?.value ?? item.documentation ?? "";
      if (!says.includes(words)) found.push(`\`${label}\` says ${JSON.stringify(says)}, which lacks ${JSON.stringify(words)}`);
    });
  }
  for (const label of entry.withholds ?? []) {
    if (labels.includes(label)) found.push(`\`${label}\` is offered`);
  }
  if (entry.only && [...entry.only].sort().join() !== [...labels].sort().join()) found.push(`not only those: ${offered}`);
  for (const words of entry.hover ?? []) {
    if (!seen.hover.includes(words)) found.push(`the hover lacks ${JSON.stringify(words)}: ${JSON.stringify(seen.hover)}`);
  }
  if (entry.problems) {
    for (const problem of entry.problems.filter((problem) => !seen.problems.includes(problem))) found.push(`no finding is ${problem}`);
    for (const problem of seen.problems.filter((problem) => !entry.problems.includes(problem))) found.push(`finding ${problem}`);
  }
  return found;
}

// An entry that wants nothing, or has a key that nobody reads, would pass unseen.
function faults(entry) {
  const found = Object.keys(entry).filter((key) => !KNOWN.includes(key)).map((key) => `unknown key \`${key}\``);
  if (Object.keys(entry).every((key) => ["it", "document", "refused"].includes(key))) found.push("wants nothing");
  const marks = entry.document.split(MARK).length - 1;
  if (marks > 1 || (marks === 0 && !entry.problems)) found.push(`${marks} marks`);
  return found;
}

function report(name, found) {
  process.stdout.write(found.length === 0 ? `ok ${name}\n` : `FAIL ${name}\n${found.map((line) => `  ${line}\n`).join("")}`);
}

async function tryCase(server, file, entry) {
  const found = faults(entry);
  report(`${file}: ${entry.it}`, found.length > 0 ? found : findings(entry, await look(server, entry.document)));
}

async function trySpec(server, name, text) {
  report(`specs/${name}`, findings({ problems: [] }, await look(server, text)));
}

async function tryRefused(server, entry) {
  const found = findings(entry, await look(server, entry.document));
  const told = found.some((line) => line.includes(entry.refused));
  report(`refused.yaml: ${entry.it}`, told ? [] : [`nothing says "${entry.refused}"`, ...found]);
}

function entries(file) {
  const list = parse(fs.readFileSync(path.join(__dirname, file), "utf8"));
  if (!Array.isArray(list) || list.length === 0) throw new Error(`${file} has no entries`);
  return list;
}

async function main() {
  const server = new Server();
  await server.start();
  const files = fs.readdirSync(path.join(__dirname, "cases")).sort().map((file) => path.join("cases", file));
  const tried = files.flatMap((file) => entries(file).map((entry) => tryCase(server, file, entry)));
  const specs = path.join(REPOSITORY, "specs");
  for (const name of fs.readdirSync(specs).sort()) {
    const file = path.join(specs, name, "stack.yaml");
    if (fs.existsSync(file)) tried.push(trySpec(server, name, fs.readFileSync(file, "utf8")));
  }
  tried.push(...entries("refused.yaml").map((entry) => tryRefused(server, entry)));
  await Promise.all(tried);
  server.stop();
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
