#include "tests/simulator/faults.hpp"

#include <array>
#include <utility>

namespace evidenced::simulator {

std::vector<std::string> hostile_links(std::string_view origin) {
  const std::string host(origin.substr(origin.find("//") + 2));
  return {
      "https://evil.example.com/2.0/user",
      "http://" + host + "/2.0/user",
      "https://" + host + "@evil.example.com/2.0/user",
      "https://user:pass@" + host + "/2.0/user",
      "https://" + host + ":8443/2.0/user",
      "https://" + host + ".evil.example.com/2.0/user",
      "https://" + host + "%2eevil.example.com/2.0/user",
      "//evil.example.com/2.0/user",
      "\\\\evil.example.com\\2.0\\user",
      "https:\\\\evil.example.com/2.0/user",
      "https://" + host + "\\@evil.example.com/2.0/user",
      "https://" + host + "/2.0/../admin",
      "https://" + host + "/2.0/%2e%2e/admin",
      "https://" + host + "/internal/2.0/user",
      "https://" + host + "/2.0/user\r\nX-Injected: yes",
      "https://" + host + "/2.0/user HTTP/1.1\r\nHost: evil.example.com\r\n\r\n",
      "https://" + host + "/2.0/user#\n",
      "javascript:alert(1)",
      "file:///etc/passwd",
      "ftp://" + host + "/2.0/user",
      "https:///2.0/user",
      "https://" + host + "\t/2.0/user",
      "https://[::1]/2.0/user",
      "https://0x7f000001/2.0/user",
  };
}

std::string_view fault_name(FaultKind kind) {
  static constexpr std::array<std::pair<FaultKind, std::string_view>, 22> names{{
      {FaultKind::status, "status"},
      {FaultKind::unauthorized, "unauthorized"},
      {FaultKind::forbidden, "forbidden"},
      {FaultKind::empty_list, "empty_list"},
      {FaultKind::not_json, "not_json"},
      {FaultKind::self_loop, "self_loop"},
      {FaultKind::two_cycle, "two_cycle"},
      {FaultKind::ever_new_cursor, "ever_new_cursor"},
      {FaultKind::foreign_next, "foreign_next"},
      {FaultKind::no_next, "no_next"},
      {FaultKind::string_values, "string_values"},
      {FaultKind::no_type, "no_type"},
      {FaultKind::oversize, "oversize"},
      {FaultKind::reset_before, "reset_before"},
      {FaultKind::reset_mid_body, "reset_mid_body"},
      {FaultKind::truncate, "truncate"},
      {FaultKind::slow, "slow"},
      {FaultKind::never, "never"},
      {FaultKind::gzip_truncate, "gzip_truncate"},
      {FaultKind::gzip_corrupt, "gzip_corrupt"},
      {FaultKind::gzip_bomb, "gzip_bomb"},
      {FaultKind::action, "action"},
  }};
  for (const auto& [known, name] : names) {
    if (known == kind) return name;
  }
  return "";
}

}  // namespace evidenced::simulator
