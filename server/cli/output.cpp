#include "server/cli/output.hpp"

#include "api/json_out.hpp"
#include "connector/bitbucket/json_text.hpp"
#include "server/cli/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ostream>

namespace evidenced::cli {
namespace {

constexpr std::array<std::pair<std::string_view, OutputFormat>, 4> formats = {
    {{"table", OutputFormat::table},
     {"json", OutputFormat::json},
     {"jsonl", OutputFormat::jsonl},
     {"csv", OutputFormat::csv}}};

constexpr std::size_t page_size = 500;
constexpr std::size_t default_limit = 100;

Outcome<std::size_t> item_limit(const Context& context) {
  if (context.given.has("--all")) return std::string::npos;
  const std::string text = context.given.text("--limit");
  if (text.empty()) return default_limit;
  std::size_t limit = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, limit);
  if (error == std::errc() && stop == end && limit > 0) return limit;
  return failed("cli.usage", "--limit must be a number from 1 on");
}

void name_gaps(const Context& context, const Pages& pages) {
  if (pages.answers.empty()) return;
  for (const JsonText& gap : items_of(at_path(pages.answers.back().json, "gaps"))) {
    context.terminal.err << fmt::format(
        "evidenced: gap: {} of {}: {} {}\n", printable(shown(gap.find("kind"))),
        printable(shown(gap.find("source_id"))), printable(shown(gap.find("status"))),
        printable(shown(gap.find("reason"))));
  }
}

void write_json(std::ostream& out, const Pages& pages) {
  if (pages.answers.size() == 1) {
    out << *pages.answers.front().body << '\n';
    return;
  }
  out << "{\"items\":[";
  for (const JsonText* item : pages.items) {
    out << (item == pages.items.front() ? "" : ",\n") << compact(*item);
  }
  out << "]";
  if (const JsonText* gaps = at_path(pages.answers.back().json, "gaps")) {
    out << ",\"gaps\":" << compact(*gaps);
  }
  out << fmt::format(",\"has_more\":{}}}\n", pages.more);
}

/// A time to the second is enough for a person.
std::string cell(const JsonText& item, const Column& column) {
  std::string value = shown(at_path(item, column.path));
  std::ranges::replace(value, '\n', ' ');
  const bool is_time = column.path.ends_with("_at") && value.size() == 24 && value.ends_with('Z');
  return is_time ? value.substr(0, 19) + "Z" : value;
}

}  // namespace

Outcome<Pages> fetch(const ApiClient& api, const ListView& view, std::size_t limit) {
  Pages pages;
  Query query = view.query;
  if (view.paged) query.emplace_back("limit", std::to_string(std::min(limit, page_size)));
  std::string next = target_of(view.path, query);
  if (!view.paged) limit = std::string::npos;
  while (!next.empty() && pages.items.size() < limit) {
    Outcome<Answer> answer = api.get(next);
    if (!answer) return failed(answer);
    next = shown(at_path(answer->json, "next"));
    if (!next.empty() && !next.starts_with("/v1/")) {
      return failed("cli.unreachable", "The next page is not on this server.");
    }
    for (const JsonText& item : items_of(at_path(answer->json, view.items))) {
      if (pages.items.size() < limit) pages.items.push_back(&item);
    }
    pages.answers.push_back(std::move(*answer));
  }
  pages.more = !next.empty();
  return pages;
}

Outcome<int> show_local(const Context& context, OutputFormat format,
                        const std::vector<Column>& columns, std::string json) {
  const Result<JsonText> document = connector::bitbucket::read_json(json);
  if (!document) return failed(document.error().code, document.error().detail);
  if (format == OutputFormat::json) {
    context.terminal.out << compact(*document) << '\n';
    return 0;
  }
  std::vector<const JsonText*> items;
  for (const JsonText& item : document->items) items.push_back(&item);
  write_items(context, format, columns, items);
  return 0;
}

Outcome<OutputFormat> output_format(const Context& context) {
  const std::string wanted = context.given.text("--output");
  if (wanted.empty()) return OutputFormat::table;
  const auto it = std::ranges::find(formats, wanted, [](const auto& f) { return f.first; });
  if (it != formats.end()) return it->second;
  return failed("cli.usage", "--output must be table, json, jsonl or csv");
}

void write_items(const Context& context, OutputFormat format, const std::vector<Column>& columns,
                 const std::vector<const JsonText*>& items) {
  std::ostream& out = context.terminal.out;
  if (format == OutputFormat::json || format == OutputFormat::jsonl) {
    for (const JsonText* item : items) out << compact(*item) << '\n';
    return;
  }
  std::vector<std::string> head;
  head.reserve(columns.size());
  for (const Column& column : columns) head.emplace_back(column.title);
  std::vector<std::vector<std::string>> rows;
  rows.reserve(items.size());
  for (const JsonText* item : items) {
    std::vector<std::string> row;
    row.reserve(columns.size());
    for (const Column& column : columns) {
      row.push_back(format == OutputFormat::csv ? shown(at_path(*item, column.path))
                                                : cell(*item, column));
    }
    rows.push_back(std::move(row));
  }
  if (format == OutputFormat::table) {
    const std::size_t width = context.terminal.out_is_terminal ? context.terminal.columns : 0;
    out << text_table(head, rows, width);
    return;
  }
  std::vector<std::string> paths;
  paths.reserve(columns.size());
  for (const Column& column : columns) paths.emplace_back(column.path);
  out << csv_line(paths);
  for (const auto& row : rows) out << csv_line(row);
}

Outcome<int> show_list(const Context& context, const ListView& view) {
  const Outcome<OutputFormat> format = output_format(context);
  if (!format) return failed(format);
  const Outcome<std::size_t> limit = item_limit(context);
  if (!limit) return failed(limit);
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  const Outcome<Pages> pages = fetch(*api, view, *limit);
  if (!pages) return failed(pages);
  if (*format == OutputFormat::json) {
    write_json(context.terminal.out, *pages);
  } else if (*format == OutputFormat::table && pages->items.empty()) {
    context.terminal.err << view.nothing << '\n';
  } else {
    write_items(context, *format, view.columns, pages->items);
  }
  name_gaps(context, *pages);
  if (pages->more) {
    context.terminal.err << fmt::format(
        "evidenced: note: the first {} are shown; --limit N or --all shows more\n",
        pages->items.size());
  }
  const auto worrying = [&](const JsonText* item) { return view.attention(*item); };
  const bool attention = view.attention != nullptr && std::ranges::any_of(pages->items, worrying);
  return attention ? attention_exit : 0;
}

Outcome<int> show_object(const Context& context, const Answer& answer) {
  const Outcome<OutputFormat> format = output_format(context);
  if (!format) return failed(format);
  std::ostream& out = context.terminal.out;
  if (*format == OutputFormat::json) {
    out << *answer.body << '\n';
    return 0;
  }
  if (*format == OutputFormat::jsonl) {
    out << compact(answer.json) << '\n';
    return 0;
  }
  const auto members = flattened(answer.json);
  if (*format == OutputFormat::csv) {
    std::vector<std::string> names;
    std::vector<std::string> values;
    for (const auto& [name, value] : members) {
      names.push_back(name);
      values.push_back(value);
    }
    out << csv_line(names) << csv_line(values);
    return 0;
  }
  std::size_t width = 0;
  for (const auto& [name, value] : members) width = std::max(width, name.size());
  for (const auto& [name, value] : members) {
    if (value.empty()) continue;  // nothing to say
    out << fmt::format("{:<{}}  {}\n", printable(name), width, printable(value));
  }
  return 0;
}

Outcome<int> revoke(const Context& context, std::string_view collection, const std::string& id) {
  const Outcome<OutputFormat> format = output_format(context);
  if (!format) return failed(format);
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  const Outcome<Answer> answer = api->send("DELETE", path_of(collection, id));
  if (!answer) return failed(answer);
  if (!answer->body->empty()) return show_object(context, *answer);
  if (*format == OutputFormat::table) {
    context.terminal.err << fmt::format("{} is revoked\n", printable(id));
    return 0;
  }
  Answer told;
  told.body = std::make_unique<std::string>();
  api::JsonOut json(*told.body);
  json.begin_object().member("id", id).member("revoked", true).end_object();
  Result<JsonText> document = connector::bitbucket::read_json(*told.body);
  if (!document) return failed(document.error().code, document.error().detail);
  told.json = std::move(*document);
  return show_object(context, told);
}

Query query_of(const Context& context,
               const std::vector<std::pair<std::string_view, std::string_view>>& options) {
  Query query;
  for (const auto& [option, parameter] : options) {
    for (const std::string& value : context.given.all(option)) query.emplace_back(parameter, value);
  }
  return query;
}

std::optional<std::string> time_given(const Context& context, std::string_view option) {
  if (!context.given.has(option)) return std::nullopt;
  std::string text = context.given.text(option);
  const bool is_date = text.size() == 10 && text[4] == '-' && text[7] == '-';
  if (is_date) text += "T00:00:00Z";
  return text;
}

}  // namespace evidenced::cli
