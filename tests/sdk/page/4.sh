curl -X POST https://api.leapocr.com/api/v1/ocr/uploads/direct \
  -H "X-API-Key: your-api-key" \
  -H "Content-Type: application/json" \
  -d '{
    "file_name": "document.pdf",
    "file_size": 1048576,
    "output_type": "structured"
  }'
