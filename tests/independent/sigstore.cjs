// Checks a checkpoint's signature and inclusion proofs with npm's @sigstore/verify: JSON in, JSON out, status 1 when
// something doesn't hold. Of that package these are the parts that know a log; the others know certificates.

const { createHash, createPublicKey } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const given = JSON.parse(readFileSync(0, "utf8"));
const dist = join(given.modules, "@sigstore/verify/dist/tlog");
const { verifyCheckpoint } = require(join(dist, "checkpoint.js"));
const { verifyMerkleInclusion } = require(join(dist, "merkle.js"));

const [, name, material] = /^(.+?)\+[0-9a-f]{8}\+(.+)$/.exec(given.key);
const raw = Buffer.from(material, "base64").subarray(1);
const log = {
  logID: createHash("sha256").update(`${name}\n\x01`).update(raw).digest(),
  baseURL: `https://${name}`,
  publicKey: createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") },
    format: "jwk",
  }),
};

const checkpoint = verifyCheckpoint({ inclusionProof: { checkpoint: { envelope: given.note } } }, [log]);
for (const { index, leaf, path } of given.inclusions) {
  const hashes = path.map((hash) => Buffer.from(hash, "base64"));
  const entry = { canonicalizedBody: Buffer.from(leaf, "base64"), inclusionProof: { logIndex: `${index}`, hashes } };
  verifyMerkleInclusion(entry, checkpoint);
}
const { origin, logSize, logHash } = checkpoint;
console.log(JSON.stringify({ signer: origin, size: `${logSize}`, root: logHash.toString("base64") }));
