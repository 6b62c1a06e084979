"""The second factor of staff: codes of an app, and recovery codes for the day the phone is gone."""
