#include "connector/bitbucket/scrub.hpp"

#include "config/ascii.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace evidenced::connector::bitbucket {

namespace {

constexpr std::string_view removed_text = "REDACTED";

/// Members that are removed wherever they stand.
constexpr std::string_view removed_members[] = {"avatar", "oauth_client", "private_key"};

enum class Action { remove, fingerprint, host_only };

/// A member of one kind of object. The object is of that kind when it says so by `type`, or when it
/// is the artifact itself and collected as that kind.
struct Rule {
  std::string_view kind;
  std::string_view type;
  std::string_view member;
  Action action;
};
constexpr Rule rules[] = {
    {"pipeline_variable", "pipeline_variable", "value", Action::remove},
    {"deploy_key", "deploy_key", "key", Action::fingerprint},
    {"webhook", "webhook_subscription", "url", Action::host_only},
    {"webhook", "webhook_subscription", "secret", Action::remove},
};

/// Members that change by themselves, of the artifact itself or of an object in it.
struct Volatile {
  std::string_view kind;
  std::string_view within;  ///< "": the artifact itself
  std::string_view member;
};
constexpr Volatile volatile_members[] = {
    {"workspace_member", "", "last_accessed"},
    {"workspace", "", "last_accessed"},
    {"deploy_key", "", "last_used"},
    {"runner", "state", "updated_on"},  // a sign of life every minute
};

struct Url {
  std::string_view scheme;     ///< "https"
  std::string_view authority;  ///< user information, host, port
  std::string_view rest;       ///< path, query, fragment
};

bool is_scheme_character(unsigned char c) {
  return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.';
}

/// Takes a text apart that is one URL as a whole (RFC 3986, section 3).
bool split(std::string_view text, Url& url) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view scheme = text.substr(0, colon);
  const auto blank = [](unsigned char c) { return c <= ' ' || c == 0x7F; };
  if (!std::all_of(scheme.begin(), scheme.end(), is_scheme_character)) return false;
  if (std::any_of(text.begin(), text.end(), blank)) return false;
  const std::string_view behind = text.substr(colon + 3);
  const std::size_t end = std::min(behind.find_first_of("/?#\\"), behind.size());
  url = {scheme, behind.substr(0, end), behind.substr(end)};
  return true;
}

std::string_view host_of(std::string_view authority) {
  const std::size_t at = authority.rfind('@');
  return at == std::string_view::npos ? authority : authority.substr(at + 1);
}

bool token_like(std::string_view parameter) {
  static constexpr std::string_view parts[] = {"token",     "secret",     "passw",  "apikey",
                                               "api_key",   "api-key",    "jwt",    "access_key",
                                               "signature", "credential", "session"};
  static constexpr std::string_view names[] = {"auth", "authorization", "sig", "pwd", "pass"};
  const std::string name = to_lower(parameter);
  const auto within = [&name](std::string_view part) {
    return name.find(part) != std::string::npos;
  };
  return std::any_of(std::begin(parts), std::end(parts), within) ||
         std::find(std::begin(names), std::end(names), name) != std::end(names);
}

/// Path, query and fragment with the values of token-like parameters replaced.
std::string scrub_parameters(std::string_view rest) {
  std::string out;
  std::size_t at = std::min(rest.find_first_of("?#"), rest.size());
  out += rest.substr(0, at);
  while (at < rest.size()) {
    out += rest[at++];  // the separator
    const std::size_t end = std::min(rest.find_first_of("?#&;", at), rest.size());
    const std::string_view parameter = rest.substr(at, end - at);
    const std::size_t equals = parameter.find('=');
    if (equals != std::string_view::npos && token_like(parameter.substr(0, equals))) {
      out += parameter.substr(0, equals + 1);
      out += removed_text;
    } else {
      out += parameter;
    }
    at = end;
  }
  return out;
}

/// The scheme of the URL whose "//" stands at `slashes`; "" where there is none.
std::string_view scheme_before(std::string_view text, std::size_t slashes) {
  if (slashes == 0 || text[slashes - 1] != ':') return {};
  std::size_t start = slashes - 1;
  while (start > 0 && is_scheme_character(static_cast<unsigned char>(text[start - 1]))) --start;
  return text.substr(start, slashes - 1 - start);
}

/// Where a URL within a text ends at the latest: blanks, controls and quotes are in none.
std::size_t url_end(std::string_view text, std::size_t from) {
  const auto stops = [](unsigned char c) {
    return c <= ' ' || c == 0x7F || c == '"' || c == '<' || c == '>' || c == '`';
  };
  const auto place =
      std::find_if(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), stops);
  return static_cast<std::size_t>(place - text.begin());
}

/// Whether what stands before the @ goes. The user of git over ssh is the same for everybody. A
/// text has "//" without a scheme for other reasons, too: there only a password tells a URL.
bool is_secret_user(std::string_view scheme, std::string_view user) {
  if (user.empty()) return false;
  if (scheme.empty()) return user.find(':') != std::string_view::npos;
  return user != "git@" || to_lower(scheme).find("ssh") == std::string::npos;
}

/// Of every URL in the text the user information goes, those in parameters of others included.
std::string without_users(std::string_view text) {
  std::string out;
  std::size_t done = 0;
  std::size_t slashes = text.find("//");
  while (slashes != std::string_view::npos) {
    const std::size_t start = slashes + 2;
    const std::size_t stop = std::min(text.find_first_of("/?#\\ \t\r\n\"<>`", start), text.size());
    const std::string_view authority = text.substr(start, stop - start);
    const std::string_view host = host_of(authority);
    const std::string_view user = authority.substr(0, authority.size() - host.size());
    if (is_secret_user(scheme_before(text, slashes), user)) {
      out += text.substr(done, start - done);
      done = start + user.size();
    }
    slashes = text.find("//", std::max(stop, slashes + 1));
  }
  out += text.substr(done);
  return out;
}

/// Of every URL in the text the values of token-like parameters are replaced.
std::string without_token_values(std::string_view text) {
  std::string out;
  std::size_t done = 0;
  std::size_t slashes = text.find("//");
  while (slashes != std::string_view::npos) {
    std::size_t next = slashes + 1;
    if (!scheme_before(text, slashes).empty()) {
      const std::size_t end = url_end(text, slashes);
      const std::size_t query = std::min(text.find_first_of("?#", slashes), end);
      out += text.substr(done, query - done);
      out += scrub_parameters(text.substr(query, end - query));
      done = end;
      next = end;
    }
    slashes = text.find("//", next);
  }
  out += text.substr(done);
  return out;
}

std::string scheme_and_host(std::string_view text) {
  Url url;
  if (!split(text, url)) return std::string(removed_text);
  return std::string(url.scheme) + "://" + std::string(host_of(url.authority));
}

/// As `ssh-keygen -l` shows it: the hash of the base64 part of "ssh-ed25519 AAAA… comment".
std::string fingerprint(std::string_view key) {
  if (key.starts_with("SHA256:")) return std::string(key);
  const std::size_t first = std::min(key.find(' '), key.size());
  std::string_view blob = key.substr(std::min(first + 1, key.size()));
  blob = blob.substr(0, std::min(blob.find_first_of(" \r\n\t"), blob.size()));
  const std::optional<std::string> bytes = storage::from_base64(blob);
  if (!bytes || bytes->empty()) return std::string(removed_text);
  const storage::Digest digest = storage::sha256(*bytes);
  std::string text = storage::to_base64(std::string(digest.begin(), digest.end()));
  text.erase(text.find_last_not_of('=') + 1);
  return "SHA256:" + text;
}

class Scrubber {
 public:
  Scrubber(std::string_view kind, Replacements& replacements)
      : kind_(kind), replacements_(replacements) {}

  void scrub_value(JsonText& value, bool is_artifact) {
    if (value.type == JsonText::Type::string) {
      scrub_string(value);
      return;
    }
    if (value.is_object()) scrub_members(value, is_artifact);
    for (JsonText& item : value.items) scrub_value(item, false);
  }

 private:
  std::string_view keep(std::string text) { return replacements_.emplace_back(std::move(text)); }

  void scrub_string(JsonText& value) {
    const bool may_be_url = value.raw.find("//") != std::string_view::npos ||
                            value.raw.find('\\') != std::string_view::npos;
    if (!may_be_url) return;
    const std::string text = value.text();
    std::string clean = scrub_urls(text);
    if (clean != text) value.raw = keep(json_string(clean));
  }

  void scrub_members(JsonText& object, bool is_artifact) {
    const auto removed = [](const JsonText& member) {
      return std::any_of(std::begin(removed_members), std::end(removed_members),
                         [&member](std::string_view name) { return member.named(name); });
    };
    std::erase_if(object.items, removed);
    const std::string type = text_at(object, "type");
    for (const Rule& rule : rules) {
      if (type == rule.type || (is_artifact && kind_ == rule.kind)) apply(rule, object);
    }
    // A variable inside something else (a pipeline, a schedule) does not say its type.
    if (object.find("secured") != nullptr) remove(object, "value");
    for (JsonText& member : object.items) {
      if (!member.named("variables") || !member.is_array()) continue;
      for (JsonText& variable : member.items) remove(variable, "value");
    }
  }

  static void remove(JsonText& object, std::string_view name) {
    std::erase_if(object.items, [name](const JsonText& member) { return member.named(name); });
  }

  void apply(const Rule& rule, JsonText& object) {
    const JsonText* found = object.find(rule.member);
    if (found == nullptr) return;
    if (rule.action == Action::remove || found->type != JsonText::Type::string) {
      remove(object, rule.member);
      return;
    }
    const std::string text = found->text();
    const std::string_view name = found->name;
    remove(object, rule.member);
    if (rule.action == Action::fingerprint) {
      add(object, name, fingerprint(text));
      return;
    }
    const std::string host = scheme_and_host(text);
    // The hash that is already there belongs to the whole URL.
    if (host != text || object.find("url_sha256") == nullptr) {
      remove(object, "url_sha256");
      add(object, "\"url_sha256\"", storage::to_hex(storage::sha256(text)));
    }
    add(object, name, host);
  }

  void add(JsonText& object, std::string_view name, const std::string& text) {
    JsonText member;
    member.type = JsonText::Type::string;
    member.name = name;
    member.raw = keep(json_string(text));
    object.items.push_back(std::move(member));
  }

  std::string_view kind_;
  Replacements& replacements_;
};

}  // namespace

void scrub(std::string_view kind, JsonText& value, Replacements& replacements) {
  Scrubber(kind, replacements).scrub_value(value, true);
}

std::string scrub_urls(std::string_view text) {
  return without_token_values(without_users(text));
}

storage::Digest revision_digest(std::string_view kind, const JsonText& value,
                                std::string_view content) {
  const auto concerns = [kind](const Volatile& row) { return row.kind == kind; };
  if (std::ranges::none_of(volatile_members, concerns)) return storage::sha256(content);
  JsonText steady = value;
  for (const Volatile& row : volatile_members) {
    if (!concerns(row)) continue;
    const auto is_volatile = [&row](const JsonText& member) { return member.named(row.member); };
    if (row.within.empty()) std::erase_if(steady.items, is_volatile);
    for (JsonText& item : steady.items) {
      if (!row.within.empty() && item.named(row.within)) std::erase_if(item.items, is_volatile);
    }
  }
  return storage::sha256(canonical(steady));
}

}  // namespace evidenced::connector::bitbucket
