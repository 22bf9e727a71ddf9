// Lists: order, filter, page length, `next`, partial responses.
#include "tests/simulator/exchange.hpp"
#include "tests/simulator/query.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>

namespace evidenced::simulator {
namespace {

std::optional<std::int64_t> read_number(std::string_view text) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Opaque page tokens: "8xhd" and the like.
std::string page_token(std::size_t page) {
  constexpr std::string_view digits = "k3x9d0q7w2hz5v8n1m4c6b";
  std::string text = "8x";
  for (std::size_t rest = page * 7919 + 101; rest > 0; rest /= digits.size())
    text += digits[rest % digits.size()];
  return text;
}

std::optional<std::size_t> read_page_token(std::string_view text) {
  for (std::size_t page = 1; page < 5000; ++page) {
    if (page_token(page) == text) return page;
  }
  return std::nullopt;
}

}  // namespace

Listing Exchange::values(std::deque<json::value> rows) {
  Listing listing;
  listing.count = rows.size();
  listing.owned = std::move(rows);
  return listing;
}

Listing Exchange::made(std::size_t count, std::function<json::value(std::size_t)> make) {
  Listing listing;
  listing.count = count;
  listing.make = std::move(make);
  return listing;
}

std::optional<std::size_t> Exchange::first_row(const Listing& listing, std::size_t length) {
  if (const auto after = target_.find("after"); after && listing.created) {
    const Micros mark = read_stamp(*after).value_or(0);
    std::size_t row = 0;
    while (row < listing.count && listing.created(row) <= mark) ++row;
    return row;
  }
  const auto text = target_.find("page");
  if (!text) return 0;
  const auto number = read_number(*text);
  const auto page = number ? std::optional<std::size_t>(std::max<std::int64_t>(*number, 0))
                           : read_page_token(*text);
  if (page && *page > 0) return (*page - 1) * length;
  this->text(400, "Invalid page: this is not a number of a page, or a token");
  return std::nullopt;
}

std::optional<std::int64_t> Exchange::requested_length(const Listing& listing) {
  const auto text = target_.find("pagelen");
  if (switches().page_rows) return switches().page_rows;
  if (!text) return listing.page_length;
  const auto number = read_number(*text);
  const std::int64_t cap = std::min(listing.cap, switches().max_page_length.value_or(listing.cap));
  if (number && *number >= 1 && *number <= cap) return number;
  error(400, "Invalid pagelen");
  return std::nullopt;
}

bool Exchange::order(Listing& listing, std::vector<std::size_t>& rows) {
  const auto q = target_.find("q");
  const auto sort = target_.find("sort");
  if (sort && listing.refuses_sort) {
    error(400, "Invalid sort attribute");
    return false;
  }
  if (q && !q->empty() && listing.filters) {
    const auto query = Query::parse(*q);
    if (!query || (switches().refuse_or && query->has_or())) {
      error(400, "Invalid query: " + *q);
      return false;
    }
    std::erase_if(rows, [&](std::size_t row) { return !query->matches(listing.row(row)); });
  }
  if (sort && !sort->empty() && listing.sorts) {
    const bool down = sort->front() == '-';
    const std::string path = sort->substr(down ? 1 : 0);
    std::sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
      if (sorts_before(listing.row(down ? b : a), listing.row(down ? a : b), path)) return true;
      if (sorts_before(listing.row(down ? a : b), listing.row(down ? b : a), path)) return false;
      return a < b;
    });
  } else if (switches().sorted_by_update && listing.updated) {
    std::sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
      const Micros left = listing.updated(a);
      const Micros right = listing.updated(b);
      return left != right ? left > right : a < b;
    });
  }
  return true;
}

std::string Exchange::next_link(Next style, const std::string& position) const {
  std::string host(request_.header("host"));
  if (host.empty()) host = "api.bitbucket.org";
  std::string query;
  const bool drops_sort = target_.raw_path.find("/pipelines/") != std::string::npos &&
                          switches().pipelines_next_drops_sort;
  for (const Target::Parameter& parameter : target_.parameters) {
    if (parameter.name == "page" || parameter.name == "ctx" || parameter.name == "after") continue;
    if (parameter.name == "sort" && drops_sort) continue;
    query += parameter.raw + "&";
  }
  if (style == Next::context) query += "ctx=" + encode_base64(target_.raw_path).substr(0, 24) + "&";
  query += (style == Next::after ? "after=" : "page=") + position;
  return fmt::format("https://{}{}{}{}", host, target_.raw_path,
                     switches().next_ampersand ? "&" : "?", query);
}

void Exchange::list(Listing listing) {
  if (listing.make) {
    // Filtering and sorting look at rows many times: each is made once.
    listing.row = [&listing, kept = std::map<std::size_t, json::value>()](
                      std::size_t i) mutable -> const json::value& {
      const auto found = kept.find(i);
      return found != kept.end() ? found->second : kept.emplace(i, listing.make(i)).first->second;
    };
  } else if (!listing.row) {
    listing.row = [&listing](std::size_t i) -> const json::value& { return listing.owned[i]; };
  }
  const auto length = requested_length(listing);
  if (!length) return;
  const auto step = static_cast<std::size_t>(*length);
  const auto first = first_row(listing, step);
  if (!first) return;
  std::vector<std::size_t> rows(listing.count);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  if (!order(listing, rows)) return;

  const Fields fields(target_.find("fields").value_or(""), listing.hidden);
  const std::size_t begin = std::min(*first, rows.size());
  const std::size_t end = std::min(begin + step, rows.size());
  // Written as text: the rows are large, and kept as values only once.
  std::string body = "{";
  const auto member = [&](std::string_view name, const std::string& value) {
    if (!fields.shows(name)) return;
    body += fmt::format("{}\"{}\":{}", body.size() > 1 ? "," : "", name, value);
  };
  std::string values = "[";
  for (std::size_t i = begin; i < end && fields.shows("values"); ++i) {
    if (i > begin) values += ',';
    const json::value& row = listing.row(rows[i]);
    values +=
        fields.plain() ? json::serialize(row) : json::serialize(fields.apply_entry("values", row));
  }
  member("pagelen", std::to_string(step));
  member("values", values + "]");
  const bool iterator = listing.next != Next::numbered;
  if (!iterator && !switches().omit_size) {
    member("page", std::to_string(begin / step + 1));
    member("size", std::to_string(rows.size()));
  }
  if (end < rows.size() && listing.leads_on) {
    const bool token = listing.next == Next::token || switches().opaque_next;
    std::string position = token ? page_token(end / step + 1) : std::to_string(end / step + 1);
    if (listing.next == Next::after) {
      position = stamp(listing.created(rows[end - 1]));
      position.replace(position.find('+'), 1, "%2B");
    }
    member("next", json::serialize(json::value(next_link(listing.next, position))));
  } else if (switches().empty_next) {
    member("next", "\"\"");
  }
  body += '}';
  response_.status = 200;
  response_.body = std::move(body);
  response_.headers.emplace_back("content-type", "application/json; charset=utf-8");
}

}  // namespace evidenced::simulator
