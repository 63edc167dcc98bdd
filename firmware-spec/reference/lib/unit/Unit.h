#pragma once

#include "Console.h"
#include "Port.h"
#include "Settings.h"

namespace unit {

/// What units of both kinds have in common: the network, the console, and one client at a time.
///
/// Nothing waits: `step` is called again and again, and does what can be done now.
class Unit {
 public:
  static constexpr uint16_t port = 8888;
  static constexpr const char *version = "1.0.0";
  /// Without its network for so long a unit restarts, in milliseconds.
  static constexpr uint32_t rejoinLimit = 5 * 60 * 1000;

  void begin();
  void step();

 protected:
  /// @param name `light-sensor`. @param kind `read` or `updatable`: what the network is told.
  Unit(Port &port, const char *name, const char *kind) : port_(port), console_(port), name_(name), kind_(kind) {}
  ~Unit() = default;

  /// A client begins to be served.
  virtual void begun(uint32_t now) = 0;
  /// Serves it.
  ///
  /// @return Whether it gave a sign of life: took what it was sent, or said something.
  virtual bool serve(uint32_t now) = 0;
  /// The client is served no more; what it has said is used first.
  virtual void ended() = 0;

  Port &port_;
  Console console_;
  Settings settings_;

 private:
  enum class Network : uint8_t { none, joining, joined, lost };

  void stepNetwork(uint32_t now);
  void stepClient(uint32_t now);
  void join(uint32_t now);
  void joined();
  void leave(const char *why);
  void signOfLife(uint32_t now);

  const char *name_;
  const char *kind_;
  Network network_ = Network::none;
  /// When the next dot is due, or since when the network is lost.
  uint32_t mark_ = 0;
  bool isListening_ = false;
  bool isServing_ = false;
  uint32_t lastSign_ = 0;
  /// Its client has been silent for too long; that stays so however long nobody else waits, and the clock wraps.
  bool isIdle_ = false;
};

}  // namespace unit
