#include "server/request_guard.hpp"

#include <boost/beast/core/string.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace evidenced::server {
namespace {

using boost::beast::iequals;

struct MethodRow {
  std::string_view name;
  std::optional<api::Method> method;  ///< nullopt: known, and allowed nowhere
};

/// Names are case-sensitive (RFC 9110, 9.1): "get" is no method.
constexpr std::array method_table = std::to_array<MethodRow>({
    {"GET", api::Method::get},
    {"HEAD", api::Method::head},
    {"POST", api::Method::post},
    {"PUT", api::Method::put},
    {"PATCH", api::Method::patch},
    {"DELETE", api::Method::delete_},
    {"OPTIONS", api::Method::options},
    {"TRACE", std::nullopt},
    {"CONNECT", std::nullopt},
});

/// Fields of which a second one would be read differently by somebody else.
constexpr std::array single_fields =
    std::to_array<std::string_view>({"authorization", "content-length", "content-type", "expect",
                                     "host", "idempotency-key", "transfer-encoding"});

Result<api::Method> method_of(std::string_view name) {
  const auto* row = std::ranges::find(method_table, name, &MethodRow::name);
  if (row == method_table.end()) {
    return fail("request.not_implemented", "The method is not known; methods are case-sensitive.");
  }
  if (!row->method) return fail("request.method", fmt::format("{} is not allowed.", name));
  return *row->method;
}

Result<void> check_single_fields(const RequestHead& head) {
  for (const std::string_view name : single_fields) {
    const auto same = [name](const auto& field) { return field.first == name; };
    if (std::ranges::count_if(head.headers, same) > 1) {
      return fail("request.malformed", fmt::format("The field {} is there twice.", name));
    }
  }
  return {};
}

/// Calls `f` with each comma-separated element of `list`, trimmed; empty ones are left out.
template <class F>
void for_each_token(std::string_view list, F f) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    std::string_view token = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    const std::size_t first = token.find_first_not_of(" \t");
    if (first == std::string_view::npos) continue;
    f(token.substr(first, token.find_last_not_of(" \t") - first + 1));
  }
}

bool keeps_alive(const RequestHead& head) {
  bool close = false;
  bool keep = false;
  for (const auto& [name, value] : head.headers) {
    if (name != "connection") continue;
    for_each_token(value, [&](std::string_view token) {
      close = close || iequals(token, "close");
      keep = keep || iequals(token, "keep-alive");
    });
  }
  return !close && (head.version >= 11 || keep);
}

/// An upgrade to h2c is ignored, as RFC 9110 (7.8) allows: some clients offer it with every
/// request. Whoever wants another protocol cannot go on in HTTP.
Result<void> check_upgrade(const RequestHead& head) {
  bool foreign = false;
  for (const auto& [name, value] : head.headers) {
    if (name != "upgrade") continue;
    for_each_token(value, [&](std::string_view token) {
      foreign = foreign || !(iequals(token, "h2c") || iequals(token, "h2"));
    });
  }
  if (foreign) return fail("request.not_implemented", "No upgrade to another protocol is offered.");
  return {};
}

/// The authority and the rest of an absolute-form target; nullopt for any other form.
std::optional<std::pair<std::string_view, std::string_view>> split_absolute(
    std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() < scheme.size() || !iequals(target.substr(0, scheme.size()), scheme))
      continue;
    const std::string_view rest = target.substr(scheme.size());
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    return std::pair(rest.substr(0, end), rest.substr(end));
  }
  return std::nullopt;
}

Result<void> check_target_characters(std::string_view target) {
  for (const char c : target) {
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f) {
      return fail("request.malformed", "The target has a character that must be percent-encoded.");
    }
    if (c == '#') return fail("request.malformed", "The target has a fragment.");
  }
  return {};
}

}  // namespace

bool ignores_body(api::Method method) {
  return method == api::Method::get || method == api::Method::head ||
         method == api::Method::delete_ || method == api::Method::options;
}

Result<Admission> RequestGuard::admit(const RequestHead& head,
                                      const boost::asio::ip::address& local) const {
  Admission admission;
  Result<api::Method> method = method_of(head.method);
  if (!method) return fail(method);
  admission.method = *method;
  admission.keep_alive = keeps_alive(head);
  if (Result<void> single = check_single_fields(head); !single) return fail(single);
  if (Result<void> target = check_target(head, local, admission); !target) return fail(target);
  if (Result<void> framing = check_framing(head, admission); !framing) return fail(framing);
  if (Result<void> upgrade = check_upgrade(head); !upgrade) return fail(upgrade);
  return admission;
}

Result<void> RequestGuard::check_target(const RequestHead& head,
                                        const boost::asio::ip::address& local,
                                        Admission& admission) const {
  Result<void> characters = check_target_characters(head.target);
  if (!characters) return characters;
  const auto is_host = [](const auto& field) { return field.first == "host"; };
  const bool has_host = std::ranges::any_of(head.headers, is_host);
  const std::string_view authority = head.header("host");
  // HTTP/1.0 has no Host; old health checkers still speak it.
  if (!has_host && head.version >= 11) return fail("request.malformed", "The Host is missing.");
  if (has_host && host_of(authority).empty()) {
    return fail("request.malformed", "The Host is not a host name or address.");
  }

  std::string_view target = head.target;
  if (const auto absolute = split_absolute(target)) {
    if (!iequals(absolute->first, authority)) {
      return fail("request.malformed", "The target names another host than the Host field.");
    }
    target = absolute->second;
    // RFC 9112, 3.2.4: without path and query it means the server itself.
    const bool whole_server = target.empty() && admission.method == api::Method::options;
    if (whole_server) target = "*";
    admission.target = target.starts_with('/') || whole_server ? "" : "/";
  } else if (target == "*" ? admission.method != api::Method::options : !target.starts_with('/')) {
    return fail("request.malformed", "The target is not a path.");
  }
  admission.target += target;

  if (has_host && !hosts_.answer_for(host_of(authority), local)) {
    return fail("request.misdirected",
                fmt::format("This server does not answer for {}.", host_of(authority)));
  }
  return {};
}

Result<void> RequestGuard::check_framing(const RequestHead& head, Admission& admission) const {
  const std::string_view coding = head.header("transfer-encoding");
  const std::string_view length = head.header("content-length");
  const auto has = [&head](std::string_view name) {
    return std::ranges::any_of(head.headers, [name](const auto& f) { return f.first == name; });
  };
  if (has("transfer-encoding")) {
    if (has("content-length")) {
      return fail("request.malformed", "Content-Length and Transfer-Encoding exclude each other.");
    }
    if (head.version < 11) return fail("request.malformed", "HTTP/1.0 has no Transfer-Encoding.");
    if (!iequals(coding, "chunked")) {
      return fail("request.not_implemented", "The only transfer coding is chunked.");
    }
    admission.chunked = true;
  }
  if (has("content-length")) {
    const char* end = length.data() + length.size();
    const auto [stop, error] = std::from_chars(length.data(), end, admission.body_length);
    const bool digits = !length.empty() && length.front() >= '0' && length.front() <= '9';
    if (!digits || error != std::errc() || stop != end) {
      return fail("request.malformed", "Content-Length is not one number.");
    }
  }
  const bool has_body = admission.chunked || admission.body_length > 0;
  if (ignores_body(admission.method) &&
      (admission.chunked || admission.body_length > limits_.ignored_body)) {
    return fail("request.malformed",
                fmt::format("A {} has no body here; up to {} bytes are ignored.", head.method,
                            limits_.ignored_body));
  }
  if (has("expect")) {
    if (!iequals(head.header("expect"), "100-continue")) {
      return fail("request.expectation", "The only expectation is 100-continue.");
    }
    admission.expects_continue = has_body && head.version >= 11;
  }
  return {};
}

}  // namespace evidenced::server
