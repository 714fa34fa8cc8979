"""What gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sbilling.settings")
application = get_wsgi_application()
# With --preload all this stands before the fork: pages are not loaded again by every process, and the collector, which
# writes into what it looks at, leaves it shared.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
