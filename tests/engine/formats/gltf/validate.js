// Prints what the Khronos validator says of each file named, as one JSON list. Run from where gltf-validator is found.
const validator = require("gltf-validator");
const { readFileSync } = require("fs");

Promise.all(process.argv.slice(2).map((file) => validator.validateBytes(new Uint8Array(readFileSync(file))))).then(
  (reports) => console.log(JSON.stringify(reports.map((report) => report.issues))),
);
