curl -X POST https://api.leapocr.com/api/v1/ocr/uploads/job_abc123/complete \
  -H "X-API-Key: your-api-key" \
  -H "Content-Type: application/json" \
  -d '{
    "parts": [
      {
        "part_number": 1,
        "etag": "\"abc123def456...\""
      }
    ]
  }'
