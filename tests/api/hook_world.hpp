#pragma once

#include "storage/hook_store.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::api::tests {

inline constexpr std::string_view repository_uuid = "{00000000-0000-4000-8000-0000000000c1}";
/// The header field that Bitbucket signs a body with.
inline std::string signature_of(std::string_view secret, std::string_view body) {
  return "sha256=" + storage::to_hex(storage::hmac_sha256(secret, body));
}

/// A body of an event about a repository.
inline std::string about(std::string_view repository, const std::string& more = "") {
  return fmt::format(
      R"({{"actor":{{"display_name":"Ada Example","type":"user"}},"repository":{{"type":"repository",)"
      R"("full_name":"example-works/checkout","uuid":"{}"}}{}}})",
      repository, more);
}

/// A world with a source that has a repository, and a hook.
class HookWorld : public World {
 public:
  HookWorld() : source(register_source()) {
    collect(source, "workspace", {workspace()});
    collect(source, "repository", {draft("repository", std::string(repository_uuid))});
    make_hook();
  }

  void make_hook() {
    const Answer made =
        post("/v1/inbound-hooks", R"({"name":"Works","source_id":")" + source + "\"}", "operator");
    REQUIRE(made.status == 201);
    id = made.text("/id");
    secret = made.text("/secret");
    path = "/v1/hooks/bitbucket/" + id;
    CHECK(made.text("/url") == path);
    CHECK(made.header("Location") == "/v1/inbound-hooks/" + id);
  }

  Answer deliver(const std::string& event, const std::string& body,
                 std::map<std::string, std::string> headers = {},
                 const std::string& peer = "198.51.100.9") {
    headers.emplace("x-event-key", event);
    headers.emplace("x-request-uuid", fmt::format("00000000-0000-4000-8000-{:012}", ++deliveries));
    headers.emplace("x-hub-signature", signature_of(secret, body));
    return ask({.method = Method::post,
                .target = path,
                .body = body,
                .headers = std::move(headers),
                .peer = peer});
  }

  /// The streams that wait to be looked at, "stream repository".
  std::vector<std::string> waiting() {
    std::vector<std::string> lines;
    write([&](storage::Connection& connection) -> void {
      connection.query(
          "SELECT stream || ' ' || repository FROM hook_hints WHERE due_at IS NOT NULL"
          " ORDER BY stream",
          {}, [&](const storage::Row& row) { lines.emplace_back(row.text(0)); });
    });
    return lines;
  }
  std::int64_t count(const std::string& what) {
    return get("/v1/inbound-hooks/" + id).json().at("deliveries").at(what).as_int64();
  }

  static storage::ArtifactDraft workspace() {
    storage::ArtifactDraft made = draft("workspace", "{00000000-0000-4000-8000-0000000000a1}");
    made.repository.clear();
    made.project.clear();
    return made;
  }

  const std::string source;
  std::string id, secret, path;
  int deliveries = 0;
};

}  // namespace evidenced::api::tests
