#include "api/list_cache.hpp"

#include "api/limits.hpp"

#include <algorithm>
#include <functional>

namespace evidenced::api {

const ListCache::Page* ListCache::find(const std::string& question, std::uint64_t version) {
  if (version != version_) {
    pages_.clear();
    order_.clear();
    bytes_ = 0;
    version_ = version;
  }
  const auto at = pages_.find(question);
  if (at == pages_.end()) return nullptr;
  ++hits_;
  return &at->second;
}

void ListCache::offer(const std::string& question, std::uint64_t version,
                      const Response& response) {
  const std::size_t size = response.body.size();
  const bool fits = size > 0 && size <= limits::list_cache_bytes / 4;
  if (version != version_ || !fits || pages_.contains(question)) return;
  if (!missed_before(question)) return;
  pages_.emplace(question,
                 Page{response.headers, std::make_shared<const std::string>(response.body)});
  order_.push_back(question);
  bytes_ += size;
  while (bytes_ > limits::list_cache_bytes) drop_oldest();
}

void ListCache::drop_oldest() {
  const auto at = pages_.find(order_.front());
  bytes_ -= at->second.body->size();
  pages_.erase(at);
  order_.pop_front();
}

bool ListCache::missed_before(const std::string& question) {
  const std::size_t hash = std::hash<std::string>()(question);
  if (std::ranges::find(missed_, hash) != missed_.end()) return true;
  missed_[next_missed_++ % missed_.size()] = hash;
  return false;
}

}  // namespace evidenced::api
