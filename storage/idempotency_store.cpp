#include "storage/idempotency_store.hpp"

#include "storage/columns.hpp"

namespace evidenced::storage {

std::optional<IdempotencyRecord> find_idempotency(Connection& connection, const std::string& key_id,
                                                  const std::string& idempotency_key,
                                                  const std::string& method_path,
                                                  Timestamp not_before) {
  std::optional<IdempotencyRecord> record;
  connection.query(
      "SELECT fingerprint, status, headers, body, created_at FROM idempotency_records"
      " WHERE key_id = $1 AND idempotency_key = $2 AND method_path = $3 AND created_at >= $4",
      {key_id, idempotency_key, method_path, to_value(not_before)}, [&](const Row& row) {
        ColumnReader column(row);
        record.emplace();
        record->key_id = key_id;
        record->idempotency_key = idempotency_key;
        record->method_path = method_path;
        record->fingerprint = column.text();
        record->status = static_cast<int>(column.integer());
        record->headers = column.text();
        record->body = column.text();
        record->created_at = column.time();
      });
  return record;
}

Result<void> store_idempotency(Connection& connection, const IdempotencyRecord& record) {
  std::int64_t stored = connection.execute(
      "INSERT INTO idempotency_records (key_id, idempotency_key, method_path, fingerprint, status,"
      "   headers, body, created_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
      " ON CONFLICT (key_id, idempotency_key, method_path) DO UPDATE SET"
      "   fingerprint = excluded.fingerprint, status = excluded.status,"
      "   headers = excluded.headers, body = excluded.body, created_at = excluded.created_at"
      " WHERE idempotency_records.created_at < $9",
      {record.key_id, record.idempotency_key, record.method_path, record.fingerprint,
       to_value(record.status), record.headers, record.body, to_value(record.created_at),
       to_value(record.created_at - idempotency_lifetime)});
  if (stored == 0) return fail("idempotency.in_progress");
  return {};
}

void expire_idempotency(Connection& connection, Timestamp before) {
  connection.execute("DELETE FROM idempotency_records WHERE created_at < $1", {to_value(before)});
}

}  // namespace evidenced::storage
