// Reads a file as YAML 1.2 with npm `yaml`, strictly (duplicate keys and warnings are errors), and prints it
// as JSON: a map is {map: pairs}, a list {list: items}, an integer past what JSON keeps {int: text}.
"use strict";

const fs = require("node:fs");
const { parseAllDocuments } = require("yaml");

function shape(value) {
  if (value instanceof Map) return { map: [...value].map(([key, item]) => [shape(key), shape(item)]) };
  if (Array.isArray(value)) return { list: value.map(shape) };
  if (typeof value !== "bigint") return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : { int: String(value) };
}

const text = fs.readFileSync(process.argv[2], "utf8");
const documents = parseAllDocuments(text, { version: "1.2", strict: true, uniqueKeys: true, intAsBigInt: true });
const faults = documents.flatMap((document) => [...document.errors, ...document.warnings]);
if (documents.length !== 1) faults.push({ message: `${documents.length} documents in one file` });
for (const fault of faults) process.stderr.write(`YAML 1.2: ${fault.message}\n`);
if (faults.length > 0) process.exit(1);
process.stdout.write(JSON.stringify(shape(documents[0].toJS({ mapAsMap: true }))));
