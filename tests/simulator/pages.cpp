// Lists: order, filter, page length, `next`, partial responses.
#include "tests/simulator/exchange.hpp"
#include "tests/simulator/query.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
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

std::optional<std::size_t> Exchange::requested_page() const {
  const auto text = target_.find("page");
  if (!text) return 1;
  if (const auto number = read_number(*text)) {
    if (*number < 1) return std::nullopt;
    return static_cast<std::size_t>(*number);
  }
  return read_page_token(*text);
}

std::optional<std::int64_t> Exchange::requested_length(const Listing& listing) {
  const auto text = target_.find("pagelen");
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
  if (!listing.filters) return true;
  if (q && !q->empty()) {
    const auto query = Query::parse(*q);
    if (!query || (switches().refuse_or && query->has_or())) {
      error(400, "Invalid query: " + *q);
      return false;
    }
    std::erase_if(rows, [&](std::size_t row) { return !query->matches(listing.row(row)); });
  }
  if (sort && !sort->empty()) {
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

std::string Exchange::next_link(std::size_t page, bool iterator) const {
  std::string host(request_.header("host"));
  if (host.empty()) host = "api.bitbucket.org";
  std::string query;
  const bool drops_sort = target_.raw_path.find("/pipelines/") != std::string::npos &&
                          switches().pipelines_next_drops_sort;
  for (const Target::Parameter& parameter : target_.parameters) {
    if (parameter.name == "page" || parameter.name == "ctx") continue;
    if (parameter.name == "sort" && drops_sort) continue;
    query += (query.empty() ? "" : "&") + parameter.raw;
  }
  if (!query.empty()) query += "&";
  if (iterator) query += "ctx=" + encode_base64(target_.raw_path).substr(0, 24) + "&";
  query += "page=" + (switches().opaque_next ? page_token(page) : std::to_string(page));
  return fmt::format("https://{}{}{}{}", host, target_.raw_path,
                     switches().next_ampersand ? "&" : "?", query);
}

void Exchange::list(Listing listing) {
  if (!listing.row) {
    listing.row = [&listing](std::size_t i) -> const json::value& { return listing.owned[i]; };
  }
  const auto page = requested_page();
  if (!page) return text(400, "Invalid page");
  const auto length = requested_length(listing);
  if (!length) return;
  std::vector<std::size_t> rows(listing.count);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  if (!order(listing, rows)) return;

  const Fields fields(target_.find("fields").value_or(""), listing.hidden);
  const auto step = static_cast<std::size_t>(*length);
  const std::size_t begin = std::min((*page - 1) * step, rows.size());
  const std::size_t end = std::min(begin + step, rows.size());
  json::object body;
  if (fields.shows("pagelen")) body["pagelen"] = *length;
  if (fields.shows("values")) {
    json::array values;
    values.reserve(end - begin);
    for (std::size_t i = begin; i < end; ++i)
      values.push_back(fields.apply_entry("values", listing.row(rows[i])));
    body["values"] = std::move(values);
  }
  const bool counts = !listing.iterator && !switches().omit_size;
  if (counts && fields.shows("page")) body["page"] = *page;
  if (counts && fields.shows("size")) body["size"] = rows.size();
  if (fields.shows("next")) {
    if (end < rows.size()) {
      body["next"] = next_link(*page + 1, listing.iterator);
    } else if (switches().empty_next) {
      body["next"] = "";
    }
  }
  raw(body);
}

}  // namespace evidenced::simulator
