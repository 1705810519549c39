import express from "express";
import pg from "pg";

/**
 * The least that a receiver can do: take the bytes, write them in one statement, answer. As a process of its own;
 * argument: the database.
 */
const [databaseUrl = ""] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
await pool.query("CREATE TABLE bare_delivery (id bigserial PRIMARY KEY, body text NOT NULL)");

const app = express();
app.post("/", express.raw({ type: () => true, limit: "1mb" }), async (req, res) => {
  await pool.query("INSERT INTO bare_delivery (body) VALUES ($1)", [String(req.body)]);
  res.status(200).json({ ok: true });
});
const server = app.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.(typeof address === "object" && address !== null ? address.port : 0);
});
