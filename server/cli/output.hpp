#pragma once

#include "server/cli/api_client.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::cli {

enum class OutputFormat { table, json, jsonl, csv };

/// From -o; errors: cli.usage.
Outcome<OutputFormat> output_format(const Context& context);

/// One column of a list: a title and where its value stands in an item.
struct Column {
  std::string_view title;
  std::string_view path;
};

/// A list of the API and how it is shown.
struct ListView {
  std::string_view path;  ///< "/v1/sources"
  Query query;            ///< filters
  std::vector<Column> columns;
  std::string_view nothing;          ///< what to say when it is empty: "no sources"
  bool paged = true;                 ///< false: the list has one page and takes no limit
  std::string_view items = "items";  ///< the member that has them
  bool (*attention)(const JsonText& item) = nullptr;  ///< an item that makes the exit code 3
};

/// The exit code when all went well and a person should look.
inline constexpr int attention_exit = 3;

/// Pages of a list; `items` are in `answers`.
struct Pages {
  std::vector<Answer> answers;
  std::vector<const JsonText*> items;
  bool more = false;
};

/// Fetches pages until there are `limit` items, or to the end.
Outcome<Pages> fetch(const ApiClient& api, const ListView& view, std::size_t limit);

/// Fetches pages until --limit or the end (--all) and writes them in the wished format. Gaps and
/// what was left out are named on `err`, so that a short list is never taken for a whole one.
Outcome<int> show_list(const Context& context, const ListView& view);

/// Writes one object: as a table of names and values, or as JSON.
Outcome<int> show_object(const Context& context, const Answer& answer);

/// Deletes what is revoked by that, and says so: in words, or as {"id", "revoked": true}.
Outcome<int> revoke(const Context& context, std::string_view collection, const std::string& id);

/// Writes items as rows in a format.
void write_items(const Context& context, OutputFormat format, const std::vector<Column>& columns,
                 const std::vector<const JsonText*>& items);

/// Writes what no daemon was asked for: `json` is an array of objects. A table is for the caller.
Outcome<int> show_local(const Context& context, OutputFormat format,
                        const std::vector<Column>& columns, std::string json);

/// The values of options as parameters of the query: {"--kind", "kind"} and so on.
Query query_of(const Context& context,
               const std::vector<std::pair<std::string_view, std::string_view>>& options);

/// The time that an option gives: "2027-10-31" becomes midnight UTC; anything else, nothing at all
/// included, is the server's to judge. nullopt without the option.
std::optional<std::string> time_given(const Context& context, std::string_view option);

}  // namespace evidenced::cli
