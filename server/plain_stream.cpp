#include "server/stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

namespace evidenced::server {

namespace asio = boost::asio;

namespace {

constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

class PlainStream final : public Stream {
 public:
  explicit PlainStream(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

  Task<Done> handshake() override { co_return Done{}; }

  Task<Transferred> read_some(asio::mutable_buffer into) override {
    return socket_.async_read_some(into, as_values);
  }

  Task<Transferred> write_some(Buffers from) override {
    return socket_.async_write_some(from, as_values);
  }

  Task<void> end() override {
    boost::system::error_code gone_already;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, gone_already);
    co_return;
  }

  Task<Transferred> discard_some(asio::mutable_buffer into) override { return read_some(into); }

  asio::ip::tcp::socket& socket() override { return socket_; }
  bool is_tls() const override { return false; }

 private:
  asio::ip::tcp::socket socket_;
};

}  // namespace

std::size_t Stream::unsent() {
  int bytes = 0;
  if (ioctl(socket().native_handle(), SIOCOUTQ, &bytes) != 0) return 0;
  return static_cast<std::size_t>(bytes);
}

bool Stream::peer_gone() {
  pollfd asked{socket().native_handle(), POLLRDHUP, 0};
  return ::poll(&asked, 1, 0) > 0;
}

std::unique_ptr<Stream> make_plain_stream(asio::ip::tcp::socket socket) {
  return std::make_unique<PlainStream>(std::move(socket));
}

}  // namespace evidenced::server
