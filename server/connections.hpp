#pragma once

#include "server/limits.hpp"
#include "server/rate_limiter.hpp"
#include "server/session.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>
#include <vector>

namespace evidenced::server {

/// The open connections and how many of them there may be.
class Connections {
 public:
  explicit Connections(const Limits& limits) : limits_(limits) {}

  /// A connection is in the house as long as its Entry lives.
  class Entry {
   public:
    Entry(Connections& house, Session& session);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    Connections& house_;
    std::list<Session*>::iterator place_;
  };

  std::size_t size() const { return sessions_.size(); }
  bool full() const { return sessions_.size() >= limits_.connections; }
  bool full_of_tls() const { return tls_ >= limits_.tls_connections; }
  bool full_for(ClientKey client) const;

  /// Tasks of those past their deadline, and of those whose client has left.
  std::vector<std::uint64_t> due(SteadyTime now);

  /// Ends those that wait for a request; their tasks.
  std::vector<std::uint64_t> retire();

  /// Ends all; their tasks.
  std::vector<std::uint64_t> abort();

  /// The one that has waited longest for its client, when that is a second or more; it is to go.
  Session* longest_waiting(SteadyTime now) const;

 private:
  const Limits& limits_;
  std::list<Session*> sessions_;
  std::unordered_map<ClientKey, std::size_t> by_client_;
  std::size_t tls_ = 0;
};

}  // namespace evidenced::server
