#include "connector/target.hpp"

#include "config/ascii.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <algorithm>
#include <array>

namespace evidenced::connector {
namespace {

namespace urls = boost::urls;

constexpr std::size_t length_limit = 16 * 1024;
constexpr std::string_view default_port = ":443";
constexpr std::array<std::string_view, 2> api_roots = {"/2.0/", "/1.0/"};

std::string encoded(std::string_view text) {
  return urls::encode(text, urls::unreserved_chars);
}

bool is_unsafe(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7f;
}

/// What servers send raw although RFC 3986 has no room for it, and what cannot move a request.
bool needs_encoding(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || std::string_view("{}[]\"<>|^`").contains(c);
}

std::string with_raw_characters_encoded(std::string_view target) {
  std::string out;
  out.reserve(target.size());
  for (const char c : target) {
    if (needs_encoding(c)) {
      out += encoded({&c, 1});
    } else {
      out += c;
    }
  }
  return out;
}

/// A path as a careless server may see it: everything decoded before it is cut into segments.
bool has_odd_segments(std::string_view encoded_path) {
  std::string path = urls::pct_string_view(encoded_path).decode();
  if (std::ranges::any_of(path, [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
    return true;
  if (path.contains('\\')) return true;
  path.erase(0, 1);
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = std::string_view(path).substr(0, end);
    if (segment.empty() || segment == "." || segment == "..") return true;
    path.erase(0, end + 1);
  }
  return false;
}

/// Of "https://host[:port]"; an IPv6 address has colons, too.
bool has_port(std::string_view origin) {
  const std::size_t colon = origin.rfind(':');
  return colon > origin.find("//") && !origin.ends_with(']');
}

/// Bitbucket has sent commit lists whose next link lacks the "?" (BCLOUD-23644).
void mend_query(std::string& target) {
  const std::size_t ampersand = target.find('&');
  if (ampersand == std::string::npos || target.contains('?')) return;
  if (target.find('=', ampersand) != std::string::npos) target[ampersand] = '?';
}

}  // namespace

bool append_segment(std::string& path, std::string_view segment) {
  if (segment.empty() || segment == "." || segment == "..") return false;
  path += '/';
  path += encoded(segment);
  return true;
}

void append_query(std::string& target, std::string_view name, std::string_view value) {
  target += target.contains('?') ? '&' : '?';
  target += encoded(name);
  target += '=';
  target += encoded(value);
}

bool is_origin_form(std::string_view target) {
  if (!target.starts_with('/') || target.starts_with("//")) return false;
  if (target.size() > length_limit) return false;
  return std::ranges::none_of(target, [](char c) {
    return is_unsafe(c) || static_cast<unsigned char>(c) >= 0x80 || c == '#' || c == '\\';
  });
}

Result<std::string> local_target(std::string_view origin, std::string_view link) {
  std::string_view rest = link;
  if (!rest.starts_with('/')) {
    if (!equal_without_case(rest.substr(0, origin.size()), origin))
      return fail("upstream.foreign_link", "the link does not lead to " + std::string(origin));
    rest.remove_prefix(origin.size());
    if (!has_port(origin) && rest.starts_with(default_port))
      rest.remove_prefix(default_port.size());
  }
  if (rest.size() > length_limit)
    return fail("upstream.foreign_link", "the link is longer than 16 KiB");
  std::string target = with_raw_characters_encoded(rest);
  mend_query(target);
  if (!is_origin_form(target))
    return fail("upstream.foreign_link", "the link is no path of this host");
  const auto parsed = urls::parse_origin_form(target);
  if (!parsed) return fail("upstream.foreign_link", "the link is no valid URL");
  const std::string_view path = parsed->encoded_path();
  const bool inside =
      std::ranges::any_of(api_roots, [&](std::string_view root) { return path.starts_with(root); });
  if (!inside) return fail("upstream.foreign_link", "the link leads outside the API");
  if (has_odd_segments(path))
    return fail("upstream.foreign_link", "the link has dot segments or empty ones");
  return target;
}

}  // namespace evidenced::connector
