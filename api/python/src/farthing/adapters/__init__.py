"""Adapters: usage that a platform already counts, as events of a meter.

`farthing.adapters.asgi` and `farthing.adapters.litellm` record each call, `farthing.adapters.otel`
each span of OpenTelemetry. None of them raises into the platform: an event that cannot be recorded
is logged by `farthing.adapters` as an error, with the code.
"""
