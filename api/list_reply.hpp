#pragma once

#include "api/exchange.hpp"
#include "storage/artifact_store.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

namespace evidenced::api {

/// The answer to a request for a list. `items` are those of the page and one more where there are
/// more; `write(json, item)` writes one, `key_of(item)` is what the next page begins behind.
template <class Item, class Write, class KeyOf>
Response list_reply(Exchange& exchange, const Paging& paging, std::vector<Item> items, Write write,
                    KeyOf key_of) {
  const bool more = items.size() > static_cast<std::size_t>(paging.limit);
  if (more) items.pop_back();
  JsonOut json(exchange.buffer);
  json.begin_object().key("items").begin_array();
  for (const Item& item : items) write(json, item);
  json.end_array();
  Response links;
  write_paging(exchange, json, links, paging, more ? key_of(items.back()) : std::string());
  json.end_object();
  Response response = exchange.reply(200);
  std::ranges::move(links.headers, std::back_inserter(response.headers));
  return response;
}

/// At most `wanted` items that the key may see; `page(after_id, limit)` gives all, in the order of
/// their ids.
template <class Page, class Sees>
auto seen_items(const Page& page, const Sees& sees, std::string after_id, int wanted) {
  decltype(page(after_id, wanted)) seen;
  while (true) {
    auto items = page(after_id, wanted);
    const bool last_page = items.size() < static_cast<std::size_t>(wanted);
    if (!items.empty()) after_id = items.back().id;
    for (auto& item : items) {
      if (seen.size() == static_cast<std::size_t>(wanted)) return seen;
      if (sees(item)) seen.push_back(std::move(item));
    }
    if (last_page) return seen;
  }
}

/// Answers with the items that the key may see. `list(connection, after_id, limit)` gives all, in
/// the order of their ids; `sees(item)` says which; `write(json, item)` writes one.
template <class List, class Sees, class Write>
Task<Result<Response>> reply_with_seen(Call call, List list, Sees sees, Write write) {
  Exchange& exchange = *call;
  Result<Paging> paging = read_paging(exchange);
  if (!paging) co_return fail(paging);
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    if (paging->first) {
      paging->position.as_of_seq = storage::current_seq(connection, exchange.tenant());
    }
    const auto page = [&](const std::string& after_id, int limit) {
      return list(connection, after_id, limit);
    };
    auto items = seen_items(page, sees, paging->position.last, paging->limit + 1);
    return list_reply(exchange, *paging, std::move(items), write,
                      [](const auto& item) { return item.id; });
  };
  Result<Response> response = co_await reading(call, std::move(work));
  co_return response;
}

}  // namespace evidenced::api
