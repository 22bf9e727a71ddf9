#include "connector/sync/parse_offload.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace evidenced::connector {

namespace {

constexpr std::size_t large = 64 * 1024;

Task<Result<bitbucket::ParsedPage>> parse(const bitbucket::Stream* stream, std::size_t leg,
                                          bitbucket::Partition partition, std::string body) {
  co_return bitbucket::parse_page(*stream, leg, partition, body);
}

}  // namespace

Task<Result<bitbucket::ParsedPage>> parse_off_thread(const SyncServices& services,
                                                     const bitbucket::Stream* stream,
                                                     std::size_t leg,
                                                     bitbucket::Partition partition,
                                                     std::string body) {
  if (body.size() < large || services.workers == services.io) {
    co_return bitbucket::parse_page(*stream, leg, partition, body);
  }
  // The parser runs on another thread: nothing on this one may reach for its cancellation.
  auto page = co_await boost::asio::co_spawn(
      services.workers, parse(stream, leg, std::move(partition), std::move(body)),
      boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot(),
                                          boost::asio::use_awaitable));
  co_return page;
}

}  // namespace evidenced::connector
