#include "server/connections.hpp"

#include <algorithm>

namespace evidenced::server {

Connections::Entry::Entry(Connections& house, Session& session)
    : house_(house), place_(house.sessions_.insert(house.sessions_.end(), &session)) {
  ++house_.by_client_[client_key(session.peer().remote)];
  if (session.is_tls()) ++house_.tls_;
}

Connections::Entry::~Entry() {
  const Session& session = **place_;
  const auto client = house_.by_client_.find(client_key(session.peer().remote));
  if (--client->second == 0) house_.by_client_.erase(client);
  if (session.is_tls()) --house_.tls_;
  house_.sessions_.erase(place_);
}

bool Connections::full_for(ClientKey client) const {
  const auto found = by_client_.find(client);
  return found != by_client_.end() && found->second >= limits_.connections_per_address;
}

std::vector<std::uint64_t> Connections::due(SteadyTime now) {
  std::vector<std::uint64_t> tasks;
  for (Session* session : sessions_) {
    if (session->due(now) || session->abandoned()) tasks.push_back(session->task);
  }
  return tasks;
}

std::vector<std::uint64_t> Connections::retire() {
  std::vector<std::uint64_t> tasks;
  for (Session* session : sessions_) {
    if (session->retire()) tasks.push_back(session->task);
  }
  return tasks;
}

std::vector<std::uint64_t> Connections::abort() {
  std::vector<std::uint64_t> tasks;
  for (Session* session : sessions_) {
    session->abort();
    tasks.push_back(session->task);
  }
  return tasks;
}

Session* Connections::longest_waiting(SteadyTime now) const {
  Session* chosen = nullptr;
  SteadyTime since = now - std::chrono::seconds(1);
  for (Session* session : sessions_) {
    const auto waiting = session->waiting_since();
    if (!waiting || *waiting > since) continue;
    chosen = session;
    since = *waiting;
  }
  return chosen;
}

}  // namespace evidenced::server
