"""Settings that every test shares."""

from hypothesis import settings

# A busy machine makes an example slow, not wrong; nothing here is judged by the clock.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
