#pragma once

#include <stddef.h>
#include <stdint.h>

namespace unit {

/// What a unit needs of the machine that it runs on. Nothing here waits: each call does what can be done now.
class Port {
 public:
  /// Milliseconds since the start; wraps after 49 days.
  virtual uint32_t now() = 0;

  /// The next byte that was typed on the console; -1: none.
  virtual int typed() = 0;
  virtual void print(const char *bytes, size_t count) = 0;

  /// Fills `bytes` with what was kept, from its beginning; what was never kept is any bytes.
  virtual void load(uint8_t *bytes, size_t count) = 0;
  /// Keeps bytes over losses of power.
  ///
  /// @return Whether they are kept.
  virtual bool keep(const uint8_t *bytes, size_t count) = 0;

  /// Begins to connect to an access point, and keeps connected from then on.
  virtual void join(const char *ssid, const char *password) = 0;
  virtual bool isJoined() = 0;
  /// The station's address in dotted form.
  virtual void address(char (&text)[16]) = 0;
  /// Tells the network of `_iot-unit._tcp` by multicast DNS, with `kind=` in its TXT record.
  virtual void announce(const char *kind, uint16_t port) = 0;

  /// Begins to take clients.
  virtual void listen(uint16_t port) = 0;
  /// Whether a client waits beside the one that is served.
  virtual bool isAwaited() = 0;
  /// Takes the client that waits as the one that is served.
  ///
  /// @return Whether there was one.
  virtual bool accept() = 0;
  /// Whether the peer may still say something, beside what is to be read.
  virtual bool isOpen() = 0;
  /// @return How many bytes were there; what came before the peer's end is still read.
  virtual size_t read(uint8_t *bytes, size_t most) = 0;
  /// @return How many bytes TCP has taken.
  virtual size_t write(const uint8_t *bytes, size_t count) = 0;
  /// Ends the connection that is served.
  virtual void stop() = 0;

  virtual void restart() = 0;

 protected:
  ~Port() = default;
};

}  // namespace unit
