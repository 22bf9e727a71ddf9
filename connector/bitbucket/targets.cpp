#include "connector/bitbucket/targets.hpp"

#include "config/time.hpp"
#include "connector/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>

namespace evidenced::connector::bitbucket {

namespace {

std::string_view either(std::string_view uuid, std::string_view name) {
  return uuid.empty() ? name : uuid;
}

std::string_view slug_of(std::string_view full_name) {
  const std::size_t slash = full_name.find('/');
  return slash == std::string_view::npos ? std::string_view() : full_name.substr(slash + 1);
}

/// What a placeholder stands for: the uuid, which survives renames, else the name.
struct Placeholder {
  std::string_view name;
  std::string_view (*value)(const Partition&);
};
constexpr Placeholder placeholders[] = {
    {"{workspace}", [](const Partition& p) { return either(p.workspace_uuid, p.workspace); }},
    {"{workspace_slug}", [](const Partition& p) { return either(p.workspace, p.workspace_uuid); }},
    {"{project}", [](const Partition& p) { return std::string_view(p.project); }},
    {"{repository}",
     [](const Partition& p) { return either(p.repository_uuid, slug_of(p.repository)); }},
    {"{main_branch}", [](const Partition& p) { return std::string_view(p.main_branch); }},
    {"{commit}",
     [](const Partition& p) {
       return p.heads.empty() ? std::string_view() : std::string_view(p.heads.front());
     }},
    {"{pull_request}", [](const Partition& p) { return std::string_view(p.pull_request); }},
};

/// "" when a segment would be empty, or mean another place.
std::string filled(std::string_view path, const Partition& partition) {
  const bool ends_with_slash = path.ends_with('/');
  if (ends_with_slash) path.remove_suffix(1);
  std::string out;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    const auto* found = std::ranges::find(placeholders, segment, &Placeholder::name);
    if (found != std::end(placeholders)) segment = found->value(partition);
    if (!append_segment(out, segment)) return {};
  }
  if (ends_with_slash) out += '/';
  return out;
}

/// The moment an incremental walk asks from, as Bitbucket's query language documents it (unquoted,
/// with an offset); nullopt when the watermark cannot be read: then everything is asked for.
std::optional<std::string> asked_from(std::string_view updated_since) {
  const std::optional<Timestamp> since = parse_timestamp(updated_since);
  if (!since) return std::nullopt;
  std::string text = format_rfc3339(*since - overlap);
  text.pop_back();  // the Z
  return text + "+00:00";
}

/// Path, page length and constant query of a leg; "" when the path cannot be filled.
std::string plain(const Stream& stream, std::size_t leg, const Partition& partition,
                  std::string_view query) {
  std::string target = filled(stream.paths[leg], partition);
  if (target.empty()) return target;
  if (is_list(stream, leg) && stream.page_length > 0) {
    append_query(target, "pagelen", std::to_string(stream.page_length));
  }
  if (query.empty()) return target;
  target += target.contains('?') ? '&' : '?';
  target += query;
  return target;
}

/// What pages are cut down to, each a whole part of those before.
constexpr std::int64_t page_lengths[] = {50, 25, 5};

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  const bool sensible = number >= 0 && number < 10'000'000;
  if (error != std::errc() || stop != end || !sensible) return std::nullopt;
  return number;
}

bool always_reads_open(const Stream& stream) {
  return stream.name == "pull_request";
}

}  // namespace

std::string first_target(const Stream& stream, std::size_t leg, const Partition& partition,
                         std::string_view since) {
  std::string target = plain(stream, leg, partition, stream.query);
  if (target.empty()) return target;
  if (stream.freshness == Freshness::since_head && !since.empty()) {
    append_query(target, "exclude", since);
  }
  if (stream.freshness != Freshness::updated_on) return target;
  const std::optional<std::string> from = asked_from(since);
  if (!from) return target;
  const std::string filter = always_reads_open(stream)
                                 ? fmt::format("(updated_on>={} OR state=\"OPEN\")", *from)
                                 : fmt::format("updated_on>={}", *from);
  append_query(target, "q", filter);
  return target;
}

std::vector<std::string> first_targets(const Stream& stream, const Partition& partition,
                                       std::string_view since) {
  std::vector<std::string> targets;
  if (stream.freshness == Freshness::per_head) {
    Partition one = partition;
    for (const std::string& head : partition.heads) {
      one.heads = {head};
      targets.push_back(first_target(stream, 0, one, since));
    }
    return targets;
  }
  for (std::size_t leg = 0; leg < stream.paths.size(); ++leg) {
    targets.push_back(first_target(stream, leg, partition, since));
  }
  return targets;
}

std::vector<std::string> plain_targets(const Stream& stream, const Partition& partition,
                                       std::string_view updated_since) {
  const std::optional<std::string> from = asked_from(updated_since);
  if (!from || !always_reads_open(stream)) return {};
  const std::size_t fields = stream.query.find("&fields=");
  std::string open =
      plain(stream, 0, partition, fmt::format("state=OPEN{}", stream.query.substr(fields)));
  std::string updated = plain(stream, 0, partition, stream.query);
  if (open.empty() || updated.empty()) return {};
  append_query(updated, "q", fmt::format("updated_on>={}", *from));
  return {std::move(open), std::move(updated)};
}

std::string kept_order(const Stream& stream, std::string next) {
  constexpr std::string_view name = "sort=";
  const std::size_t at = stream.query.find(name);
  if (at == std::string_view::npos || next.empty()) return next;
  if (next.find("?sort=") != std::string::npos || next.find("&sort=") != std::string::npos) {
    return next;
  }
  const std::size_t end = std::min(stream.query.find('&', at), stream.query.size());
  next += next.find('?') == std::string::npos ? '?' : '&';
  next += stream.query.substr(at, end - at);
  return next;
}

std::string following_page(std::string_view target) {
  constexpr std::string_view names[] = {"?page=", "&page="};
  for (const std::string_view name : names) {
    const std::size_t at = target.find(name);
    if (at == std::string_view::npos) continue;
    const std::size_t begin = at + name.size();
    const std::size_t end = std::min(target.find('&', begin), target.size());
    std::int64_t number = 0;
    std::from_chars(target.data() + begin, target.data() + end, number);
    return fmt::format("{}{}{}", target.substr(0, begin), number + 1, target.substr(end));
  }
  std::string first(target);
  append_query(first, "page", "2");
  return first;
}

std::string with_shorter_pages(std::string_view target) {
  constexpr std::string_view name = "pagelen=";
  const std::size_t at = target.find(name);
  if (at == std::string_view::npos) return {};
  const std::size_t end = std::min(target.find('&', at), target.size());
  const std::string_view before = target.substr(0, at);
  const std::string_view after = target.substr(end);
  if (target.substr(at + name.size(), end - at - name.size()) == "100") {
    return fmt::format("{}pagelen=50{}", before, after);
  }
  // Without the parameter a separator is left over: the one before it, or the one behind.
  if (after.empty()) return std::string(before.substr(0, before.size() - 1));
  return fmt::format("{}{}", before, after.substr(1));
}

std::string with_smaller_pages(std::string_view target) {
  std::optional<std::int64_t> length;
  std::int64_t page = 1;
  std::string kept;
  std::string_view query = target.substr(std::min(target.find('?'), target.size()));
  while (!query.empty()) {
    query.remove_prefix(1);  // the separator
    const std::string_view parameter = query.substr(0, query.find('&'));
    query.remove_prefix(parameter.size());
    const bool is_length = parameter.starts_with("pagelen=");
    if (!is_length && !parameter.starts_with("page=")) {
      kept += '&';
      kept += parameter;
      continue;
    }
    const std::optional<std::int64_t> number =
        whole_number(parameter.substr(parameter.find('=') + 1));
    if (!number) return {};
    (is_length ? length.emplace() : page) = *number;
  }
  if (!length || page < 1) return {};
  const auto* smaller = std::ranges::find_if(page_lengths, [&](std::int64_t shorter) {
    return shorter < *length && *length % shorter == 0;
  });
  if (smaller == std::end(page_lengths)) return {};
  std::string out = fmt::format("{}?pagelen={}", target.substr(0, target.find('?')), *smaller);
  if (page > 1) out += fmt::format("&page={}", (page - 1) * (*length / *smaller) + 1);
  return out + kept;
}

}  // namespace evidenced::connector::bitbucket
