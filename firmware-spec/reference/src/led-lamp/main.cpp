#include <Esp8266Port.h>
#include <UpdatableUnit.h>

#include "LedLamp.h"

static Esp8266Port port;
static LedLamp pixels;
static unit::UpdatableUnit lamp(port, "led-lamp", pixels);

void setup() {
  port.begin();
  pixels.begin();
  lamp.begin();
}

void loop() {
  lamp.step();
  port.rest();
}
