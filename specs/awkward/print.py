import os, sys; print(sys.argv, dict(os.environ))
