// Reads files as YAML 1.2 with npm `yaml`, strictly (duplicate keys and warnings are errors), and prints a line of JSON
// for each: its faults and data, in which a map is {map: pairs}, a list {list: items}, an integer past what JSON keeps {int: text}.
"use strict";

const fs = require("node:fs");
const { parseAllDocuments } = require("yaml");

function shape(value) {
  if (value instanceof Map) return { map: [...value].map(([key, item]) => [shape(key), shape(item)]) };
  if (Array.isArray(value)) return { list: value.map(shape) };
  if (typeof value !== "bigint") return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : { int: String(value) };
}

// One file's data, or its faults.
function read(path) {
  const documents = parseAllDocuments(fs.readFileSync(path, "utf8"), { version: "1.2", strict: true, uniqueKeys: true, intAsBigInt: true });
  const faults = documents.flatMap((document) => [...document.errors, ...document.warnings]).map((fault) => `YAML 1.2: ${fault.message}`);
  if (documents.length !== 1) faults.push(`YAML 1.2: ${documents.length} documents in one file`);
  return faults.length > 0 ? { faults } : { faults, data: shape(documents[0].toJS({ mapAsMap: true })) };
}

for (const path of process.argv.slice(2)) process.stdout.write(`${JSON.stringify(read(path))}\n`);
