import pg from "pg";

/** Runs one statement where no database of a test is in the way: in the cluster's own. */
export async function runAsAdmin(clusterUrl: string | URL, sql: string): Promise<void> {
  const address = new URL(clusterUrl);
  address.pathname = "/postgres";
  const client = new pg.Client({ connectionString: address.href });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
