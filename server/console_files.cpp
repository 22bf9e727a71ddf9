#include "server/console_files.hpp"

#include "api/buckets.hpp"
#include "api/etag.hpp"
#include "api/intake.hpp"
#include "api/route.hpp"
#include "api/target.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace evidenced::server {
namespace {

using console::Asset;

constexpr std::string_view ui = "/ui/";
constexpr std::string_view index_path = "index.html";
constexpr std::string_view file_methods = "GET, HEAD, OPTIONS";
constexpr std::int64_t files_per_second = 100;
constexpr std::int64_t files_at_once = 400;

/// Nothing but what this server sends is run, shown or asked, and no other page may frame or read
/// it (Content Security Policy Level 3, Fetch).
constexpr std::pair<std::string_view, std::string_view> guard_fields[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' "
     "data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
     "object-src 'none'; require-trusted-types-for 'script'"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

/// A file in the coding that is sent.
struct Coded {
  std::string_view name;  ///< of Content-Encoding; "" for none
  std::span<const std::byte> bytes;
};

/// The smallest of those that the client likes best (RFC 9110, section 12.5.3).
Coded choose_coding(const Asset& asset, std::string_view accept_encoding) {
  Coded chosen{.name = "", .bytes = asset.identity};
  double best = 0;
  const auto offer = [&](std::string_view name, std::span<const std::byte> bytes) {
    const double quality = bytes.empty() ? 0 : api::coding_quality(accept_encoding, name);
    if (quality <= best) return;
    best = quality;
    chosen = {.name = name, .bytes = bytes};
  };
  offer("br", asset.brotli);
  offer("gzip", asset.gzip);
  // Who does not name it takes it all the same, where nothing else is there.
  if (api::coding_quality(accept_encoding, "identity") > best) {
    chosen = {.name = "", .bytes = asset.identity};
  }
  return chosen;
}

/// Whether a browser asks for a page, and not for a part of one.
bool wants_page(const api::Request& request) {
  const std::string accept = request.list_header("accept");
  return accept.contains("text/html") && api::acceptance(accept, "text/html") > 0;
}

class ConsoleFiles {
 public:
  ConsoleFiles(std::span<const Asset> assets, Clock& clock) : assets_(assets), clock_(clock) {}

  static bool serves(std::string_view path) {
    if (path == "/" || path == "/ui") return true;
    return path.starts_with(ui) && api::match_route(api::Method::options, path).allowed.empty();
  }

  api::Response answer(const api::Request& request) {
    api::Response response = choose_answer(request);
    for (const auto& [name, value] : guard_fields) {
      response.set(std::string(name), std::string(value));
    }
    return response;
  }

 private:
  api::Response choose_answer(const api::Request& request) {
    const auto verdict = quota_.take(request.peer_address, clock_.steady());
    if (!verdict.granted) {
      Error error;
      error.code = "quota.exceeded";
      error.retry_after_seconds = verdict.retry_after_seconds;
      return problem(request, error);
    }
    if (request.method == api::Method::options) {
      api::Response response;
      response.status = 204;
      response.set("Allow", std::string(file_methods));
      return response;
    }
    if (request.method != api::Method::get && request.method != api::Method::head) {
      api::Response refused = problem(request, fail("request.method").error());
      refused.set("Allow", std::string(file_methods));
      return refused;
    }
    const std::string_view path = api::path_of(request.target);
    if (path == "/") return redirect(302, request);
    if (path == "/ui") return redirect(308, request);
    const Asset* asset = find(path.substr(ui.size()));
    if (asset == nullptr && wants_page(request)) asset = find("");
    if (asset == nullptr) return problem(request, fail("resource.not_found").error());
    return file(*asset, request);
  }

  const Asset* find(std::string_view path) const {
    if (path.empty()) path = index_path;
    const auto at = std::ranges::lower_bound(assets_, path, {}, &Asset::path);
    return at != assets_.end() && at->path == path ? &*at : nullptr;
  }

  static api::Response file(const Asset& asset, const api::Request& request) {
    const Coded coded = choose_coding(asset, request.list_header("accept-encoding"));
    api::Response response;
    std::string etag = '"' + std::string(asset.digest);
    if (!coded.name.empty()) etag += '-' + std::string(coded.name);
    etag += '"';
    response.set("Cache-Control",
                 asset.immutable ? "public, max-age=31536000, immutable" : "no-cache");
    response.set("Vary", "Accept-Encoding");
    const bool known = api::names_etag(request.list_header("if-none-match"), etag);
    response.set("ETag", std::move(etag));
    if (known) {
      response.status = 304;
      return response;
    }
    response.set("Content-Type", std::string(asset.type));
    if (!coded.name.empty()) response.set("Content-Encoding", std::string(coded.name));
    response.lasting = {reinterpret_cast<const char*>(coded.bytes.data()), coded.bytes.size()};
    return response;
  }

  /// The path alone: behind a proxy nobody here knows the origin.
  static api::Response redirect(int status, const api::Request& request) {
    api::Response response;
    response.status = status;
    const std::string_view query = api::query_of(request.target);
    response.set("Location", std::string(ui) + (query.empty() ? "" : "?") + std::string(query));
    response.set("Cache-Control", "no-cache");
    return response;
  }

  static api::Response problem(const api::Request& request, const Error& error) {
    return api::problem_response(error, request.request_id, api::instance_of(request.target));
  }

  std::span<const Asset> assets_;
  Clock& clock_;
  api::Buckets quota_{files_per_second, files_at_once};
};

Task<api::Response> answer_file(std::shared_ptr<ConsoleFiles> files, api::Request request) {
  co_return files->answer(request);
}

}  // namespace

Handler with_console(Handler next, std::span<const console::Asset> assets, Clock& clock) {
  if (assets.empty()) return next;
  auto files = std::make_shared<ConsoleFiles>(assets, clock);
  Handler handler = next;
  handler.handle = [files, next](api::Request request, std::string buffer) {
    if (ConsoleFiles::serves(api::path_of(request.target))) {
      return answer_file(files, std::move(request));
    }
    return next.handle(std::move(request), std::move(buffer));
  };
  handler.own_quota = [next](api::Method method, std::string_view target) {
    if (ConsoleFiles::serves(api::path_of(target))) return true;
    return next.own_quota && next.own_quota(method, target);
  };
  return handler;
}

}  // namespace evidenced::server
