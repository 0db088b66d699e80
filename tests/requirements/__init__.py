"""Which of the platform's requirements the tests prove."""
