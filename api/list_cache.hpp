#pragma once

#include "api/message.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::api {

/// Answers to lists that are asked for again and again while nothing is written: each is good for
/// exactly one version of the database. A page is kept when it is missed a second time, so that a
/// client that walks through a list once costs nothing. Bounded; lives on the io thread.
class ListCache {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;
  struct Page {
    Headers headers;
    std::shared_ptr<const std::string> body;
  };

  /// The answer to `question`, nullptr when there is none of this version.
  const Page* find(const std::string& question, std::uint64_t version);

  /// Offers an answer that was read while the database had this version.
  void offer(const std::string& question, std::uint64_t version, const Response& response);

  std::size_t bytes() const { return bytes_; }
  std::uint64_t hits() const { return hits_; }

 private:
  void drop_oldest();
  bool missed_before(const std::string& question);

  std::uint64_t version_ = 0;
  std::map<std::string, Page, std::less<>> pages_;
  std::list<std::string> order_;  ///< oldest first
  std::array<std::size_t, 64> missed_{};
  std::size_t next_missed_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t hits_ = 0;
};

}  // namespace evidenced::api
