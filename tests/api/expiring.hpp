#pragma once

#include "tests/api/world.hpp"
#include "tests/catch.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace evidenced::api::tests {

inline std::string credential_until(Timestamp expires_at, const std::string& token = "") {
  return fmt::format(
      R"({{"type":"atlassian_api_token","email":"{}","token":"{}","expires_at":"{}"}})",
      canary_email, token.empty() ? std::string(canary_token) : token, format_rfc3339(expires_at));
}

/// Registers a source that has these workspaces to itself, and a token until then; its id.
inline std::string source_until(World& world, const std::string& name, Timestamp expires_at) {
  world.control.answer.workspaces.push_back({"{" + name + "}", "ws-" + name, "", false});
  return world.register_source(
      fmt::format(R"({{"kind":"bitbucket_cloud","name":"{0}","credential":{1},)"
                  R"("workspaces":["ws-{0}"]}})",
                  name, credential_until(expires_at)));
}

/// The sources of a list of expirations, in its order.
inline std::vector<std::string> names_in(const Answer& list) {
  REQUIRE(list.status == 200);
  std::vector<std::string> names;
  const auto body = list.json();
  for (const auto& item : body.at("items").as_array()) {
    names.emplace_back(item.at("source_name").as_string());
  }
  return names;
}

}  // namespace evidenced::api::tests
