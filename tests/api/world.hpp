#pragma once

#include "api/api.hpp"
#include "api/route.hpp"
#include "storage/collection_store.hpp"
#include "storage/key_store.hpp"
#include "storage/sqlite/sqlite_database.hpp"
#include "tests/api/fake_sync_control.hpp"
#include "tests/simulator/virtual_clock.hpp"

#include <boost/json/value.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace evidenced::api::tests {

/// The tenant that everything belongs to.
inline const storage::TenantScope tenant{std::string(storage::default_tenant)};

/// A request of a test; what matters to it is set, all else is as usual.
struct Ask {
  Method method = Method::get;
  std::string target;
  std::string key = {};  ///< name or text of one; "" sends none
  std::string body = {};
  std::map<std::string, std::string> headers = {};
  std::string peer = "192.0.2.7";
};

/// An answer, whole: a streamed body is read to its end.
struct Answer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::vector<std::pair<std::string, std::string>> trailers;

  std::string header(std::string_view name) const;
  std::string trailer(std::string_view name) const;
  boost::json::value json() const;
  std::string text(std::string_view pointer) const;  ///< a string in the body, "" when not there
  std::string code() const { return text("/code"); }
};

class SeededRandom final : public Random {
 public:
  void fill(std::span<unsigned char> out) override {
    for (unsigned char& byte : out) byte = static_cast<unsigned char>(engine_());
  }

 private:
  std::mt19937_64 engine_{1};
};

/// The API over a database on a real file, on virtual time, with keys for every role in a tenant,
/// and a second tenant beside it. Every answer is checked against the document that the API
/// publishes.
class World {
 public:
  World();
  ~World();

  Answer ask(Ask ask);
  Answer get(const std::string& target, const std::string& key = "admin");
  Answer post(const std::string& target, const std::string& body, const std::string& key = "admin");

  /// The same request many times, all of them started before the first one ends.
  std::vector<Answer> ask_at_once(const Ask& ask, int count);

  /// Asks, and leaves once the answer is being waited for; how long the answer took all the same.
  std::chrono::milliseconds ask_and_leave(const Ask& ask);

  /// The text of a key of the first tenant by role name, "other" for the second tenant's admin.
  std::string key(const std::string& name) const { return keys_.at(name); }
  std::string make_key(storage::ApiKey key, const std::string& tenant = "default");

  /// Registers a source through the API; its id.
  std::string register_source(const std::string& body = "", const std::string& key = "admin");

  /// Collects objects as a sync would: one complete full walk of one stream.
  void collect(const std::string& source_id, const std::string& kind,
               const std::vector<storage::ArtifactDraft>& drafts,
               const std::string& tenant = "default");

  /// Ends the source's queued sync, with streams in these states.
  void finish_sync(const std::string& source_id, storage::SyncResult result,
                   std::vector<storage::SyncStream> streams, const std::string& tenant = "default");

  template <class F>
  auto write(F work) {
    return run(storage::write(*database, std::move(work)));
  }
  template <class T>
  T run(Task<T> task) {
    return simulator::run_virtual(io, clock, std::move(task));
  }

  boost::asio::io_context io{1};
  simulator::VirtualClock clock{Timestamp(std::chrono::seconds(1'795'000'000))};
  SeededRandom random;
  Settings settings;
  std::unique_ptr<storage::Database> database;
  std::optional<storage::Vault> vault;
  FakeSyncControl control{clock};
  std::unique_ptr<Api> api;

 private:
  Request make_request(const Ask& ask);
  Task<Answer> exchange(Request request);
  void check_published(const Request& request, const Answer& answer);

  std::filesystem::path folder_;
  std::map<std::string, std::string> keys_;
  boost::json::value published_;
  std::int64_t requests_ = 0;
};

inline storage::ArtifactDraft draft(std::string kind, std::string upstream_id,
                                    std::string content = "{}", std::string title = "A title") {
  storage::ArtifactDraft made;
  made.kind = std::move(kind);
  made.upstream_id = std::move(upstream_id);
  made.workspace = "example-works";
  made.project = "SHOP";
  made.repository = "example-works/checkout";
  made.title = std::move(title);
  made.content = std::move(content);
  made.digest = storage::sha256(made.content);
  return made;
}

inline storage::SyncStream stream(std::string name, storage::StreamState state,
                                  const std::string& code = "") {
  storage::SyncStream made;
  made.name = std::move(name);
  made.state = state;
  made.complete = state == storage::StreamState::complete;
  if (!code.empty()) made.error = storage::StoredError{code, "said so", {}, 0};
  return made;
}

inline constexpr std::string_view canary_token =
    "ATATT3xFfGF0CANARYcanaryCANARYcanaryCANARYcanaryCANARY0123456789=ABCDEF01";
inline constexpr std::string_view canary_email = "canary.person@example.com";

/// The body of a registration with the canaries; `more` adds members (",\"tags\":[]").
std::string registration(const std::string& more = "", const std::string& name = "Main");

}  // namespace evidenced::api::tests
