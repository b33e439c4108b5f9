// One browser's stream of server-sent events: a bounded queue of pieces that are shared with other browsers.
//
// Thread-safe.
#ifndef LIANDONG_ADAPTERS_SCREEN_EVENT_STREAM_H_
#define LIANDONG_ADAPTERS_SCREEN_EVENT_STREAM_H_

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/screen/audience.h"
#include "adapters/transport/http_server.h"

namespace liandong::screen {

class EventStream final : public adapters::HttpStream {
 public:
  // `session`: the key of the session that opened it (Sessions), so that it ends with it.
  EventStream(Audience audience, bool gzip, std::string session)
      : audience_(std::move(audience)), gzip_(gzip), session_(std::move(session)) {}

  const Audience& audience() const { return audience_; }
  bool gzip() const { return gzip_; }
  const std::string& session() const { return session_; }

  // False: the browser does not read what it is sent; the stream ends here, and the browser comes back by itself.
  bool Push(std::shared_ptr<const std::string> piece);
  void End();
  // Nothing is sent any more: ended or gone.
  bool over() const;

  void Open(std::function<void()> wake) override;
  bool Take(std::vector<std::shared_ptr<const std::string>>* pieces) override;
  void Close() override;

 private:
  const Audience audience_;
  const bool gzip_;
  const std::string session_;

  mutable std::mutex mutex_;
  std::function<void()> wake_;
  std::vector<std::shared_ptr<const std::string>> pieces_;
  size_t bytes_ = 0;
  bool ended_ = false;
};

}  // namespace liandong::screen

#endif  // LIANDONG_ADAPTERS_SCREEN_EVENT_STREAM_H_
