#include <Esp8266Port.h>
#include <ReadUnit.h>

#include "LightSensor.h"

static Esp8266Port port;
static LightSensor sensor;
static unit::ReadUnit light(port, "light-sensor", sensor);

void setup() {
  port.begin();
  light.begin();
}

void loop() {
  light.step();
  port.rest();
}
