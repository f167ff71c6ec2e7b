// Speaks to yaml-language-server over stdio as an editor does: opens documents, asks for completions and hovers, collects
// diagnostics. Knows nothing of stack.yaml.
"use strict";

const { spawn } = require("node:child_process");
const path = require("node:path");

const PATIENCE = 20_000;

const SETTINGS = {
  yaml: { validate: true, hover: true, completion: true, schemaStore: { enable: false }, schemas: {} },
  "[yaml]": { "editor.tabSize": 2 },
};

const CAPABILITIES = {
  textDocument: {
    completion: { completionItem: { snippetSupport: true, documentationFormat: ["markdown"] } },
    hover: { contentFormat: ["markdown"] },
    publishDiagnostics: {},
  },
  workspace: { configuration: true },
};

class Server {
  constructor() {
    const home = path.dirname(require.resolve("yaml-language-server/package.json"));
    this.process = spawn(process.execPath, [path.join(home, "bin/yaml-language-server"), "--stdio"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.input = Buffer.alloc(0);
    this.asked = 0;
    this.waiting = new Map();
    this.process.stdout.on("data", (data) => this.read(data));
  }

  async start() {
    await this.ask("initialize", { processId: process.pid, rootUri: null, capabilities: CAPABILITIES });
    this.tell("initialized", {});
  }

  // Opens a document; gives its diagnostics.
  open(uri, text) {
    const diagnostics = this.wait(uri);
    this.tell("textDocument/didOpen", { textDocument: { uri, languageId: "yaml", version: 1, text } });
    return diagnostics;
  }

  async completions(uri, position) {
    const result = await this.ask("textDocument/completion", { textDocument: { uri }, position });
    return result?.items ?? result ?? [];
  }

  async hover(uri, position) {
    const result = await this.ask("textDocument/hover", { textDocument: { uri }, position });
    return result?.contents?.value ?? "";
  }

  stop() {
    this.process.kill();
  }

  ask(method, params) {
    const id = (this.asked += 1);
    const answer = this.wait(id);
    this.send({ id, method, params });
    return answer;
  }

  tell(method, params) {
    this.send({ method, params });
  }

  wait(key) {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no answer for ${key}`)), PATIENCE);
      this.waiting.set(key, { resolve, reject, late });
    });
  }

  settle(key, how, what) {
    const waiting = this.waiting.get(key);
    if (!waiting) return;
    this.waiting.delete(key);
    clearTimeout(waiting.late);
    waiting[how](what);
  }

  send(message) {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.process.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  read(data) {
    this.input = Buffer.concat([this.input, data]);
    for (;;) {
      const end = this.input.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.input.toString("latin1", 0, end))[1]);
      const next = end + 4 + length;
      if (this.input.length < next) return;
      const message = JSON.parse(this.input.toString("utf8", end + 4, next));
      this.input = this.input.subarray(next);
      this.receive(message);
    }
  }

  receive(message) {
    if (message.method === "workspace/configuration") {
      const result = message.params.items.map((item) => SETTINGS[item.section] ?? {});
      this.send({ id: message.id, result });
    } else if (message.method === "textDocument/publishDiagnostics") {
      this.settle(message.params.uri, "resolve", message.params.diagnostics);
    } else if (message.method && message.id !== undefined) {
      this.send({ id: message.id, result: null });
    } else if (message.error) {
      this.settle(message.id, "reject", new Error(message.error.message));
    } else if (message.id !== undefined) {
      this.settle(message.id, "resolve", message.result);
    }
  }
}

module.exports = { Server };
