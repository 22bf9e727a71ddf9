#pragma once

// What a program without history would store with: the same columns and keys, the same durability,
// one upsert a row, one transaction a page.

#include "storage/collection_store.hpp"

#include <sqlite3.h>

#include <ctime>
#include <span>
#include <stdexcept>
#include <string>

namespace bench {

/// CPU time of all threads of this process.
inline double own_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

class BareStore {
 public:
  /// `indexed`: with the indexes that lists need, not the unique key alone.
  BareStore(const std::string& path, bool indexed) {
    check(sqlite3_open(path.c_str(), &handle_));
    run(table);
    if (indexed) run(indexes);
    check(sqlite3_prepare_v2(handle_, upsert, -1, &statement_, nullptr));
  }
  ~BareStore() {
    sqlite3_finalize(statement_);
    sqlite3_close(handle_);
  }
  BareStore(const BareStore&) = delete;
  BareStore& operator=(const BareStore&) = delete;

  void store(std::span<const evidenced::storage::ArtifactDraft> page) {
    run("BEGIN IMMEDIATE");
    for (const evidenced::storage::ArtifactDraft& draft : page) put(draft);
    run("COMMIT");
  }

 private:
  static constexpr const char* table =
      "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
      "PRAGMA secure_delete=ON; PRAGMA cache_size=-32768;"
      "CREATE TABLE artifacts (num INTEGER PRIMARY KEY, tenant TEXT, id TEXT, source TEXT,"
      " kind TEXT, upstream_id TEXT, workspace TEXT, project TEXT, repository TEXT, title TEXT,"
      " digest BLOB, seq INTEGER, observed_at INTEGER, content TEXT, state TEXT, dated_at INTEGER,"
      " UNIQUE (source, kind, upstream_id))";
  static constexpr const char* indexes =
      "CREATE UNIQUE INDEX i1 ON artifacts (tenant, id);"
      "CREATE INDEX i2 ON artifacts (tenant, kind, num);"
      "CREATE INDEX i3 ON artifacts (tenant, source, num);"
      "CREATE INDEX i4 ON artifacts (tenant, workspace, num);"
      "CREATE INDEX i5 ON artifacts (tenant, project, num);"
      "CREATE INDEX i6 ON artifacts (tenant, repository, num);"
      "CREATE INDEX i7 ON artifacts (tenant, seq);"
      "CREATE INDEX i8 ON artifacts (tenant, state, num) WHERE state <> '';"
      "CREATE INDEX i9 ON artifacts (tenant, dated_at, num)"
      "  WHERE kind = 'pull_request' AND state = 'MERGED'";
  static constexpr const char* upsert =
      "INSERT INTO artifacts (tenant, source, kind, upstream_id, workspace, project, repository,"
      " title, digest, seq, observed_at, content, id, state, dated_at)"
      " VALUES ('default', 'src_01J0000000000000000000000', ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?9, 1, ?8,"
      " printf('art_01J00000000000%012d', ?9), ?10, ?11)"
      " ON CONFLICT (source, kind, upstream_id) DO UPDATE SET title = excluded.title,"
      " digest = excluded.digest, observed_at = excluded.observed_at, content = excluded.content,"
      " state = excluded.state, dated_at = excluded.dated_at";

  void check(int code) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    throw std::runtime_error(sqlite3_errmsg(handle_));
  }
  void run(const char* sql) { check(sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr)); }

  void put(const evidenced::storage::ArtifactDraft& draft) {
    int index = 0;
    for (const std::string* text : {&draft.kind, &draft.upstream_id, &draft.workspace,
                                    &draft.project, &draft.repository, &draft.title}) {
      sqlite3_bind_text(statement_, ++index, text->data(), static_cast<int>(text->size()), nullptr);
    }
    sqlite3_bind_blob(statement_, 7, draft.digest.data(), 32, nullptr);
    sqlite3_bind_text(statement_, 8, draft.content.data(), static_cast<int>(draft.content.size()),
                      nullptr);
    sqlite3_bind_int64(statement_, 9, ++seq_);
    sqlite3_bind_text(statement_, 10, draft.state.data(), static_cast<int>(draft.state.size()),
                      nullptr);
    const auto time = draft.dated_at.value_or(evidenced::Timestamp{}).time_since_epoch();
    sqlite3_bind_int64(statement_, 11, time.count());
    check(sqlite3_step(statement_));
    sqlite3_reset(statement_);
  }

  sqlite3* handle_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
  sqlite3_int64 seq_ = 0;
};

}  // namespace bench
